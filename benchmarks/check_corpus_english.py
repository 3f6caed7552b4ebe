"""English cases. There are no English statutes at hand, so two texts were written for the suite: household insurance terms (seen)
and payment account terms (held out). Both are invented; what is done to their sentences is the same as in Korean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from benchmarks.check_corpus import Case

A_CLASS = 40
Changed = Iterator[tuple[str, str]]

INSURANCE = """
1.1|The insurer pays a claim within 10 business days after it has received all documents.
1.2|If the insurer needs more time to investigate, it must tell the policyholder in writing within 14 days.
1.3|The insurer pays interest of 5% a year on any amount that is paid late.
1.4|The policyholder must report a loss to the insurer within 30 days after it occurred.
1.5|The insurer may ask the policyholder for an expert report if the claim exceeds $2,500.
2.1|The policyholder may cancel the policy within 15 days after receiving the certificate.
2.2|If the policyholder cancels under Section 2.1, the insurer must refund the whole premium within 3 business days.
2.3|The insurer may not cancel the policy because of a single claim, unless the claim was fraudulent.
2.4|The policy lapses if the premium remains unpaid for more than 60 days.
2.5|Before the policy lapses, the insurer must send the policyholder a written reminder.
2.6|The policyholder can reinstate a lapsed policy within 2 years after it lapsed.
3.1|The insurer covers damage caused by fire, lightning and explosion up to $400,000.
3.2|The insurer does not cover damage caused by war or nuclear energy.
3.3|The insurer does not cover water damage, except where a pipe inside the building burst.
3.4|Jewellery is covered up to $1,000 for each item and $5,000 in total.
3.5|The policyholder bears the first $250 of every loss.
3.6|If the building has been unoccupied for more than 90 days, the insurer may reduce the payment by 20%.
3.7|All outbuildings are covered, except greenhouses.
4.1|The tenant must tell the landlord about a defect before the tenant has it repaired.
4.2|The landlord must return the deposit to the tenant no later than 21 days after the tenancy ends.
4.3|The landlord may deduct unpaid rent from the deposit after the landlord has sent the tenant an account.
4.4|The tenant may not sublet the dwelling without the written consent of the landlord.
4.5|If the tenant is more than 2 months in arrears, the landlord may end the tenancy.
5.1|The insured person must be at least 18 years old when the policy begins.
5.2|Children under 16 years of age are covered without an additional premium.
5.3|The beneficiary must give notice of the death of the insured person within 3 months.
5.4|The insurer must pay the death benefit to the beneficiary within 20 business days.
5.5|The policyholder may change the beneficiary at any time before the insured event occurs.
5.6|The insurer must not disclose medical data of the insured person to the beneficiary.
6.1|The policyholder must pay each premium on or before 1 March of each year.
6.2|The terms take effect on 1 July 2025 and replace the terms of 15 January 2021.
6.3|The insurer may increase the premium by at most 8% a year.
6.4|The insurer must announce an increase at least 45 days before it takes effect.
6.5|If the premium rises by more than 10%, the policyholder may end the policy under Section 2.1.
6.6|The insurer must review the sums insured every year.
7.1|A complaint must be answered within 4 weeks.
7.2|The policyholder may go to court only after the ombudsman has given an opinion.
7.3|The ombudsman must hear both parties before giving an opinion.
7.4|The ombudsman may reject a complaint if the amount in dispute is less than $100.
7.5|Claims become time-barred 3 years after the end of the year in which they arose, unless Section 7.2 applies.
7.6|The insurer must keep all records of a claim for at least 10 years.
8.1|Both policyholders must sign a request to change the policy.
8.2|The insurer must inform the policyholder before it assigns the policy to another insurer.
8.3|If the policyholder moves, the policyholder must notify the insurer within 1 month.
8.4|The insurer is not liable for indirect losses, unless it acted with gross negligence.
8.5|Premiums are not refunded, except where the insured risk no longer exists.
8.6|Visitors are not insured, unless they stay for more than 7 days.
8.7|Only losses that occur inside the country are covered, except for losses during the first 30 days of a journey.
8.8|The insurer first checks the documents and then decides on the claim.
8.9|The policyholder must first inform the police and then submit the claim.
9.1|The insurer appoints an expert only after the policyholder has agreed.
9.2|The expert must inspect the damage before repairs begin.
9.3|Bicycles are covered, provided that they were locked.
9.4|Where two policies cover the same loss, each insurer pays half of it.
9.5|The policyholder must keep the damaged items until the insurer has inspected them.
9.6|Under Section 3.1, the insurer also pays for clearing the site, up to $15,000.
9.7|Notices under Section 6.4 must be sent to the last known address.
9.8|A request under Section 5.5 must be signed by the policyholder.
9.9|The limits in Section 3.4 do not apply to paintings.
10.1|The winter surcharge applies from 1 November until 31 March.
10.2|Claims for the storm of 12 February 2024 must be submitted before 30 June 2024.
10.3|The rider was introduced on 5 May 2022 and ends on 4 May 2027.
10.4|The first premium is due on 20 August 2025.
9.10|The duty in Section 1.4 ends when the insurer already knows of the loss.
"""

PAYMENT = """
1.1|The bank must execute a payment order by the end of the next business day.
1.2|If the customer submits an order after 4 p.m., the bank may treat it as received on the following day.
1.3|The bank charges a fee of 1.5% for payments in a foreign currency.
1.4|The customer must report a lost card to the bank within 24 hours.
1.5|Before the report, the customer is liable for at most 50 euros.
1.6|The bank may block a card if it suspects fraud.
2.1|The customer may withdraw from the contract within 14 days after signing it.
2.2|The bank may end the contract by giving at least 2 months' notice.
2.3|The customer may end the contract at any time without giving reasons.
2.4|The bank must not charge a fee for closing an account that has existed for more than 6 months.
2.5|If the customer withdraws under Section 2.1, the bank must repay all fees within 30 days.
2.6|The bank may not end the contract without notice, unless the customer gave false information.
3.1|The daily limit for cash withdrawals is 1,000 euros.
3.2|The customer can raise the limit to at most 5,000 euros a day.
3.3|The bank must verify the identity of the customer before it raises the limit.
3.4|Customers under 18 years of age may not use an overdraft.
3.5|The bank may grant an overdraft only after it has checked the credit record.
3.6|The overdraft must not exceed 3 months' income.
3.7|Interest on an overdraft is 9% a year, except during the first 10 days.
4.1|The merchant must deliver the goods within 15 days after the payer has confirmed the payment.
4.2|If the merchant does not deliver within 15 days, the payer may request a refund.
4.3|The merchant must refund the payer within 5 business days.
4.4|The bank may withhold the money until the merchant proves delivery.
4.5|The payer must inform the merchant before the payer requests a chargeback.
4.6|The payer may not request a chargeback more than 13 months after the payment.
4.7|The merchant bears the costs of a chargeback, unless the payer acted in bad faith.
5.1|The lender must hand over a copy of the contract before the borrower signs it.
5.2|The borrower must repay the loan in 48 monthly instalments.
5.3|The borrower may repay the loan early, provided that the borrower gives 1 month's notice.
5.4|The lender may demand full repayment if the borrower misses 2 consecutive instalments.
5.5|The lender must remind the borrower before it demands full repayment.
5.6|The guarantor is liable for at most 20,000 euros.
5.7|The lender must first claim payment from the borrower and then from the guarantor.
5.8|The guarantor may not be sued, unless the borrower is insolvent.
6.1|The bank must send a statement every month.
6.2|The customer must object to a statement within 6 weeks.
6.3|The bank must keep all statements for at least 7 years.
6.4|Changes of the terms take effect on 1 October 2026, unless the customer objects before 15 September 2026.
6.5|The bank must announce changes at least 60 days in advance.
6.6|If the customer objects, the bank may end the contract on 31 December 2026.
6.7|The bank must review all fees every year.
7.1|Deposits of up to 100,000 euros are protected for each customer.
7.2|Deposits of companies are not protected, except those of sole traders.
7.3|The protection fund must pay within 7 business days.
7.4|The bank is not liable for delays, unless it acted with gross negligence.
7.5|The customer may complain to the regulator only after the bank has answered.
7.6|The bank must answer a complaint within 35 days.
7.7|The bank first freezes the account and then informs the customer.
7.8|Both account holders must sign an order to close a joint account.
7.9|Joint account holders are liable for all debts, except debts that arose after the account was closed.
8.1|If the account has been inactive for more than 10 years, the bank may close it.
8.2|If the customer dies, the bank must stop all standing orders.
8.3|Cards are not issued to persons abroad, except to diplomats.
8.4|Under Section 3.2, a new limit applies from the next day.
8.5|A notice under Section 2.2 must be given in writing.
8.6|The limit in Section 5.6 does not apply to interest.
8.7|A refund under Section 4.3 must cover all costs.
8.8|The period in Section 6.2 begins when the statement is received.
9.1|The reduced fee applies from 1 April until 30 September.
9.2|Refunds for the outage of 17 January 2025 must be requested before 31 May 2025.
9.3|The price list was adopted on 8 June 2023 and expires on 7 June 2028.
9.4|The first instalment is due on 25 November 2025.
8.9|The bank pays interest of at least 2% a year on savings after 12 months.
"""

TEXTS = {"seen": ("Larkfield Household Insurance Terms", INSURANCE), "held_out": ("Tern Payment Account Terms", PAYMENT)}


def english_cases(part: Literal["seen", "held_out"]) -> list[Case]:
    """All English cases of a part."""
    from benchmarks.check_corpus import Case

    title, text = TEXTS[part]
    lines = [tuple(line.split("|", 1)) for line in text.strip().split("\n")]
    found = []
    for kind, (make, good) in MAKERS.items():
        random = Random(f"{part} {kind}")
        piles = []
        for section, sentence in lines:
            made = list(make(sentence, section, random))
            random.shuffle(made)
            piles.append([_case(Case, sentence, section, title, a, v, good, kind, random) for a, v in made])
        random.shuffle(piles)
        turns = [p[i] for i in range(6) for p in piles if i < len(p)]
        found += list({c.answer: c for c in turns}.values())[:A_CLASS]
    return found


def _case(
    case: Callable[..., Case],
    sentence: str,
    section: str,
    title: str,
    answer: str,
    variant: str,
    good: bool,
    kind: str,
    random: Random,
) -> Case:
    headed = kind == "source_reference" or variant.endswith("_source") or random.random() < 0.5
    shown = f"Section {section} {sentence}" if headed else sentence
    return case(shown, answer[0].upper() + answer[1:], good, kind, "en", f"{title}, Section {section}", variant)


# --- wrong -------------------------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"\$(?P<d>\d[\d,]*)|(?P<n>\d[\d,]*(?:\.\d+)?)"
    r"(?=%| (?:business days?|days?|weeks?|months?|years?|hours?|euros|monthly|consecutive))"
)
WORDS = {
    1: "one",
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
    14: "fourteen",
}
WORDS |= {
    15: "fifteen",
    20: "twenty",
    21: "twenty-one",
    24: "twenty-four",
    30: "thirty",
    45: "forty-five",
    60: "sixty",
    90: "ninety",
}


def number(sentence: str, section: str, random: Random) -> Changed:
    """Another value."""
    for found in _AMOUNT.finditer(sentence):
        raw = found["d"] or found["n"]
        whole = float(raw.replace(",", ""))
        near = [
            n
            for n in (whole + 5 if whole < 100 else whole * 1.5, whole * 2, whole * 10, whole + 10 if whole < 100 else whole / 10)
            if f"{n:,.10g}" not in sentence
        ]
        for other in random.sample(near, 2):
            sign = "$" if found["d"] else ""
            yield sentence[: found.start()] + f"{sign}{other:,.10g}" + sentence[found.end() :], "digits"
        spelt = [n for n in WORDS if n > 1 and n != whole and str(n) not in sentence]
        after = sentence[found.end() :]
        if not found["d"] and not after.startswith("%") and not re.match(r" (?:day|week|month|year)\b", after):
            yield sentence[: found.start()] + WORDS[random.choice(spelt)] + after, "words"


_UNITS = {
    "business days": ("days", "weeks", "months"),
    "business day": ("week", "month"),
    "days": ("business days", "weeks", "months"),
    "weeks": ("days", "months"),
    "months": ("days", "weeks", "years"),
    "month": ("week", "year"),
    "years": ("months", "weeks"),
    "hours": ("days", "minutes"),
    "euros": ("dollars", "cents"),
}


def unit(sentence: str, section: str, random: Random) -> Changed:
    """The same number with another unit."""
    for found in re.finditer(r"(?<=\d )(business days?|days|weeks|months?|years|hours|euros)\b", sentence):
        for other in _UNITS[found[1]]:
            yield sentence[: found.start()] + other + sentence[found.end() :], f"{found[1]}_to_{other}"
    for found in re.finditer(r"\$(\d[\d,]*)", sentence):
        yield sentence[: found.start()] + f"€{found[1]}" + sentence[found.end() :], "$_to_€"
    for found in re.finditer(r"(\d)%", sentence):
        yield sentence[: found.end() - 1] + " percentage points" + sentence[found.end() :], "%_to_points"


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)})( \d{{4}})?")


def date(sentence: str, section: str, random: Random) -> Changed:
    """Another day, month or year."""
    for found in _DATE.finditer(sentence):
        day, month, year = found[1], found[2], found[3] or ""
        for n in range(4):
            other = [m for m in _MONTHS if m != month and m not in sentence]
            days = [d for d in range(1, 29) if str(d) != day]
            new = (
                f"{random.choice(days)} {month}{year}",
                f"{day if int(day) < 29 else 28} {random.choice(other)}{year}",
                f"{random.choice(days)} {random.choice(other)}{year}",
                f"{day} {month} {int(year or 2024) + random.choice((-2, -1, 1, 2))}" if year else "",
            )[n]
            if new:
                yield sentence[: found.start()] + new + sentence[found.end() :], ("day", "month", "both", "year")[n]


_COMPARED = (
    ("more than", ("less than", "at most")),
    ("less than", ("more than", "at least")),
    ("at least", ("at most", "less than")),
    ("at most", ("at least", "more than")),
    ("up to", ("at least", "more than")),
    ("within", ("no earlier than", "not before")),
    ("no later than", ("no earlier than", "at least")),
    ("under 1", ("over 1",)),
    ("exceeds", ("is below",)),
    ("on or before", ("after",)),
    ("by the end of", ("after the end of",)),
)


def comparator(sentence: str, section: str, random: Random) -> Changed:
    """At least, at most, more than, within: turned into another."""
    for old, new in _COMPARED:
        if len(re.findall(rf"\b{old}", sentence)) == 1:
            for other in new:
                yield re.sub(rf"\b{old}", other, sentence), f"{old}_to_{other}"


_NEGATED = (
    (r"\bmust not ", "may "),
    (r"\bmay not ", "may "),
    (r"\bdoes not cover\b", "covers"),
    (r"\bdo not apply\b", "apply"),
    (r"\bdoes not apply\b", "applies"),
    (r"\b(is|are) not ", r"\1 "),
    (r"\bmust (?!not)", "need not "),
    (r"\bmay (?!not)", "may not "),
    (r"\bcan (?!not)", "cannot "),
    (r"\b(is|are) covered\b", r"\1 not covered"),
    (r"\bThe insurer covers ", "The insurer does not cover "),
    (r"\bThe insurer pays ", "The insurer does not pay "),
    (r"\bis liable\b", "is not liable"),
)


def negation(sentence: str, section: str, random: Random) -> Changed:
    """Exactly one negation more or less; sentences with an exception are left alone."""
    if re.search(r"unless|except|provided", sentence):
        return
    for old, new in _NEGATED:
        if len(re.findall(old, sentence)) == 1:
            yield re.sub(old, new, sentence), "negated"
            return


def modality(sentence: str, section: str, random: Random) -> Changed:
    """May and must exchanged, or a duty made a wish."""
    if len(re.findall(r"\bmust (?!not)", sentence)) == 1:
        yield re.sub(r"\bmust ", "may ", sentence), "must_to_may"
        yield re.sub(r"\bmust ", "should ideally ", sentence), "must_to_should"
    elif len(re.findall(r"\b(?:may|can) (?!not)", sentence)) == 1:
        yield re.sub(r"\b(?:may|can) ", "must ", sentence), "may_to_must"


_ROLES = {
    "insurer": ("policyholder", "beneficiary"),
    "policyholder": ("insurer", "beneficiary"),
    "beneficiary": ("insurer", "policyholder"),
    "landlord": ("tenant",),
    "tenant": ("landlord",),
    "ombudsman": ("insurer",),
    "bank": ("customer", "merchant"),
    "customer": ("bank", "merchant"),
    "merchant": ("payer", "bank"),
    "payer": ("merchant", "bank"),
    "lender": ("borrower", "guarantor"),
    "borrower": ("lender", "guarantor"),
    "guarantor": ("lender", "borrower"),
}


def party(sentence: str, section: str, random: Random) -> Changed:
    """One role replaced by a rival, or two exchanged."""
    roles = [r for r in _ROLES if re.search(rf"\b{r}\b", sentence)]
    first = re.match(r"The (\w+) ", sentence)
    if first and first[1] in _ROLES:
        for rival in _ROLES[first[1]]:
            if rival not in sentence:
                yield f"The {rival} " + sentence[first.end() :], "replaced"
    if len(roles) == 2 and roles[1] in _ROLES[roles[0]]:
        a, b = roles
        yield re.sub(rf"\b({a}|{b})\b", lambda m: b if m[1] == a else a, sentence), "exchanged"


def reference(sentence: str, section: str, random: Random) -> Changed:
    """Another section than the sentence names, or than the evidence is."""
    for found in re.finditer(r"Section (\d+)\.(\d+)", sentence):
        for a, b in ((int(found[1]) + 1, int(found[2])), (int(found[1]), int(found[2]) + 1), (int(found[1]), int(found[2]) + 2)):
            if f"{a}.{b}" != section:
                yield sentence[: found.start()] + f"Section {a}.{b}" + sentence[found.end() :], "inside"
    if "Section" not in sentence:
        chapter, item = map(int, section.split("."))
        for wrong in (f"{chapter}.{item + 1}", f"{chapter + 1}.{item}"):
            yield f"According to Section {wrong}, {_lower(sentence)}", "named_source"


_SCOPES = (
    (r"\ball ", "only some "),
    (r"^All ", "Only some "),
    (r"\bevery year\b", "every second year"),
    (r"\bevery month\b", "every year"),
    (r"\bof each year\b", "of the first year"),
    (r"\bevery loss\b", "the first loss"),
    (r"\beach item\b", "all items together"),
    (r"\beach premium\b", "only the first premium"),
    (r"\bfor each customer\b", "for all customers together"),
    (r"^Both (\w+ ?\w*s) ", r"Only one of the \1 "),
    (r"\bboth parties\b", "only one of the parties"),
    (r"^Only ", "Not only "),
    (r"\bonly after\b", "even before"),
    (r"\bthe whole premium\b", "only part of the premium"),
    (r"\bfull repayment\b", "only partial repayment"),
    (r"\bin total\b", "for each person"),
    (r"\bat any time\b", "only once a year"),
    (r"\bhalf of it\b", "all of it"),
    (r"\bfire, lightning and explosion\b", "fire and any other event"),
    (r"\bany amount\b", "only half of the amount"),
    (r"\bindirect losses\b", "losses of any kind"),
    (r"\bin writing\b", "orally or in writing"),
    (r"\ba single claim\b", "several claims"),
    (r"\ba year\b(?! on savings)", "a month"),
    (r"\ba day\b", "a month"),
    (r"\bwritten (consent|reminder)", r"oral \1"),
    (r"\bwithout an additional premium\b", "for an additional premium"),
    (r"\bwithout giving reasons\b", "if the customer gives reasons"),
    (r"\bjoint account\b", "single account"),
    (r"\ba foreign currency\b", "any currency"),
    (r"\bthe first \$250\b", "the whole"),
    (r"\bthe last known address\b", "any address"),
)


def scope(sentence: str, section: str, random: Random) -> Changed:
    """All, each, every, both, only: turned into their rivals, told in two ways."""
    for old, new in _SCOPES:
        if len(re.findall(old, sentence)) == 1:
            changed = re.sub(old, new, sentence)
            yield changed, "scope"
            yield f"Under these terms, {_lower(changed)}", "scope"


_EXCEPT = re.compile(r",? (?:unless|except|provided that) .*\.$")


def exception(sentence: str, section: str, random: Random) -> Changed:
    """The exception denied."""
    rule = _EXCEPT.sub("", sentence)
    if rule != sentence:
        tails = (" without exception.", " in every case, whatever the circumstances.") if " not " not in rule else ()
        for tail in (*tails, ", and there are no exceptions.", ", and no exception is made."):
            yield rule + tail, "denied"
        yield f"Without any exception, {_lower(rule)}.", "denied"


_ORDERED = (
    (r"\bonly after\b", "only before"),
    (r"(?<!only )\bafter (?=it |the |signing|receiving)", "before "),
    (r"\bbefore (?=it |the |giving|repairs)", "after "),
    (r"^Before ", "After "),
    (r"\buntil (?=the )", "only after "),
    (r"\bin advance\b", "afterwards"),
)


def order(sentence: str, section: str, random: Random) -> Changed:
    """Before and after exchanged; first and then exchanged."""
    for old, new in _ORDERED:
        if len(re.findall(old, sentence)) == 1:
            yield re.sub(old, new, sentence), "turned"
            yield f"The terms say that {_lower(re.sub(old, new, sentence))}", "turned"
    found = re.match(r"(?P<s>.*?) first (?P<a>.+?) and then (?P<b>.+)\.$", sentence)
    if found:
        b = found["b"] if not found["b"].startswith("from") else f"claim payment {found['b']}"
        yield f"{found['s']} first {b} and then {found['a']}.", "first_then"


def condition(sentence: str, section: str, random: Random) -> Changed:
    """The condition declared void."""
    found = re.match(r"(?:If|Where) [^,]+, (?P<r>.+)\.$", sentence) or re.match(
        r"(?P<r>.+?) (?:if|only after|provided that),? .+\.$", sentence
    )
    if found:
        result = re.sub(r",$", "", found["r"])
        result = result if result.startswith("The") else result[0].upper() + result[1:]
        yield f"{result} without any condition.", "void"
        yield f"In all cases, {_lower(result)}.", "void"
        yield f"{result}, whether or not there is a reason.", "void"


# --- right -------------------------------------------------------------------------------------------------------------------


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def number_format(sentence: str, section: str, random: Random) -> Changed:
    """The same value written otherwise."""
    for found in _AMOUNT.finditer(sentence):
        raw = found["d"] or found["n"]
        whole = float(raw.replace(",", ""))
        sign = "$" if found["d"] else ""
        for new, variant in (
            (raw.replace(",", ""), "no_comma"),
            (WORDS.get(int(whole), raw) if whole == int(whole) else raw, "words"),
        ):
            if new != raw and not (variant == "words" and (sign or sentence[found.end() :].startswith("%"))):
                yield sentence[: found.start()] + sign + new + sentence[found.end() :], variant
        if sign:
            yield sentence[: found.start()] + f"USD {raw}" + sentence[found.end() :], "currency"
        if sentence[found.end() :].startswith("%"):
            yield sentence[: found.end()] + " percent" + sentence[found.end() + 1 :], "percent"
            yield sentence[: found.end()] + " per cent" + sentence[found.end() + 1 :], "percent"
    for found in _DATE.finditer(sentence):
        yield (
            sentence[: found.start()]
            + f"{found[2]} {found[1]}{',' if found[3] else ''}{found[3] or ''}"
            + sentence[found.end() :],
            "date",
        )


_SAME = (
    (r"\bmust not\b", "is not allowed to"),
    (r"\bmay not\b", "must not"),
    (r"\bmust (?!not)", "shall "),
    (r"\bmay (?!not)", "can "),
    (r"\btell\b", "inform"),
    (r"\bwithin (\d+ \w+(?: days)?) after\b", r"no later than \1 after"),
    (r"\bat least\b", "no less than"),
    (r"\bat most\b", "no more than"),
    (r"\bno later than\b", "at the latest"),
    (r"\bmore than\b", "over"),
    (r"\breceived all documents\b", "obtained all documents"),
    (r"\brefund\b", "pay back"),
    (r"\bend the\b", "terminate the"),
    (r"\bbefore\b", "prior to the time when"),
    (r"\bevery year\b", "each year"),
    (r"\bevery month\b", "each month"),
)


def paraphrase(sentence: str, section: str, random: Random) -> Changed:
    """Words replaced by such that say the same."""
    fits = [
        (o, n) for o, n in _SAME if re.search(o, sentence) and not (n == "prior to the time when" and "before giving" in sentence)
    ]
    fits = [(o, n) for o, n in fits if n not in ("at the latest", "prior to the time when")]
    for old, new in fits:
        yield re.sub(old, new, sentence, count=1), "one_word"
    if len(fits) > 1:
        changed = sentence
        for old, new in random.sample(fits, 2):
            changed = re.sub(old, new, changed, count=1)
        yield changed, "two_words"


def source_reference(sentence: str, section: str, random: Random) -> Changed:
    """The section named."""
    yield f"According to Section {section}, {_lower(sentence)}", "before"
    yield f"{sentence[:-1]} (Section {section}).", "behind"


def clause_order(sentence: str, section: str, random: Random) -> Changed:
    """The condition or time behind its result."""
    found = re.match(r"(?P<c>If|Where|Before|Under) (?P<x>[^,]+), (?P<r>.+)\.$", sentence)
    if found and not found["r"].startswith("it "):
        result = found["r"][0].upper() + found["r"][1:]
        yield f"{result} {found['c'].lower()} {found['x']}.", "condition_behind"
        yield f"{result}, {found['c'].lower()} {found['x']}.", "condition_behind"
    found = re.match(r"(?P<r>.+?),? (?P<c>if|unless) (?P<x>.+)\.$", sentence)
    if found and not sentence.startswith("If"):
        yield f"{found['c'].capitalize()} {found['x']}, {_lower(found['r'])}.", "condition_before"


def spacing(sentence: str, section: str, random: Random) -> Changed:
    """Line breaks, double spaces, no full stop."""
    words = sentence.split(" ")
    for _ in range(2):
        i = random.randrange(1, len(words))
        yield " ".join(words[:i]) + random.choice(("  ", "\n")) + " ".join(words[i:]), "space"
    yield sentence[:-1], "no_full_stop"


def shortening(sentence: str, section: str, random: Random) -> Changed:
    """The quantity with what bounds it, alone."""
    found = re.findall(
        r"((?:within|at least|at most|up to|more than|less than|no later than) \$?\d[\d,.]*%?(?: (?:business )?\w+)?)", sentence
    )
    if len(found) == 1 and len(_AMOUNT.findall(sentence)) == 1:
        phrase = re.sub(r" (?:a|after|of|for|in|and|before|the)$", "", found[0])
        phrase = phrase.rstrip(".")
        yield f"{phrase[0].upper()}{phrase[1:]}.", "phrase"
        yield f"It is {phrase}.", "phrase"


def combined(sentence: str, section: str, random: Random) -> Changed:
    """Two rewordings and a source."""
    for first in list(paraphrase(sentence, section, random))[:2]:
        formats = list(number_format(first[0], section, random)) or [first]
        yield f"According to Section {section}, {_lower(random.choice(formats)[0])}", "combined_source"


MAKERS: dict[str, tuple[Callable[[str, str, Random], Changed], bool]] = {
    "number": (number, False),
    "unit": (unit, False),
    "date": (date, False),
    "comparator": (comparator, False),
    "negation": (negation, False),
    "party": (party, False),
    "reference": (reference, False),
    "scope": (scope, False),
    "exception": (exception, False),
    "modality": (modality, False),
    "order": (order, False),
    "condition": (condition, False),
    "spacing": (spacing, True),
    "number_format": (number_format, True),
    "clause_order": (clause_order, True),
    "paraphrase": (paraphrase, True),
    "shortening": (shortening, True),
    "source_reference": (source_reference, True),
    "combined": (combined, True),
}
