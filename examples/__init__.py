"""Fictional documents to try jeongdap on, and the script that draws them."""
