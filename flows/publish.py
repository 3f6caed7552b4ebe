"""publish: from people's verdicts to a release. It may run again and again and writes only what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.build import run_name
from flows.progress import say
from flows.reviewing import Sent, pull_verdicts, sent, snapshots
from flows.run import PublishSummary
from review.settle import settle_pairs, settle_preferences, without_rejected
from tasks.llm.calls import Calls
from tasks.records import Kept, Verdict, VerifiedPair, VerifiedPreference
from tasks.release.card import CardFacts, FunnelStep
from tasks.release.publish import Release, publish_release
from tasks.settings import Settings, load_settings
from tasks.store import Manifest, Outcome, Store

STEPS = ("sources", "read", "clean", "chunk", "generate", "top_up", "evolve", "check", "judge", "dedup", "prefer")


@flow(name="publish", description="Verdicts → release", flow_run_name=run_name, persist_result=False)
def publish(project: str) -> PublishSummary:
    """Fetch verdicts, settle them and write a release, unless it would equal the latest one.

    Raises SettingsError, ReviewError, ServiceError and StoreError.
    """
    folder = Path(project).resolve()
    settings, store = load_settings(folder), Store(folder)
    rows = sent(store)
    say("pull …")
    verdicts = pull_verdicts(folder, settings) if rows.pairs else []
    pairs = settle_pairs(rows.pairs, verdicts, settings.review.min_submitted)
    preferences = without_rejected(settle_preferences(rows.preferences, verdicts, settings.review.min_submitted), pairs)
    say("publish …")
    release = _release(folder, settings, rows, pairs, preferences, _facts(store, pairs, preferences, verdicts))
    summary = PublishSummary.of(release, _settled(pairs, preferences))
    create_markdown_artifact("\n".join(f"- {line}" for line in summary.lines()), key="publish-summary")
    return summary


def _release(
    folder: Path,
    settings: Settings,
    rows: Sent,
    pairs: Kept[VerifiedPair],
    preferences: Kept[VerifiedPreference],
    facts: CardFacts,
) -> Release | None:
    known = {pair.id: pair for pair in rows.pairs}
    behind = (known, rows.chunks, rows.documents)
    return publish_release(folder, pairs.rows, preferences.rows, *behind, settings.release, settings.project, facts)


def _settled(*kept: Kept[VerifiedPair] | Kept[VerifiedPreference]) -> Mapping[str, int]:
    """How often records were approved and edited, and why the others are not in the release."""
    decisions = [str(row.verdict.decision) for one in kept for row in one.rows]
    return Counter(decisions + [dropped.reason for one in kept for dropped in one.dropped])


def _facts(
    store: Store, pairs: Kept[VerifiedPair], preferences: Kept[VerifiedPreference], verdicts: Sequence[Verdict]
) -> CardFacts:
    newest = snapshots(store)
    steps = [_funnel_step(step, store.manifests(step, newest[-1])) for step in STEPS] if newest else []
    with Calls(store.root / "calls.sqlite") as calls:
        counts = calls.counts()
    return CardFacts(
        funnel=(*steps, _settle_step("review: pairs", pairs), _settle_step("review: preferences", preferences)),
        decisions=_outcomes(Counter(verdict.decision for verdict in verdicts)),
        agreement=None,
        calls=counts.replies,
        prompt_tokens=counts.prompt_tokens,
        completion_tokens=counts.completion_tokens,
    )


def _funnel_step(step: str, manifests: Iterable[Manifest]) -> FunnelStep:
    manifests = list(manifests)
    reasons = sum((Counter({o.reason: o.rows for o in m.reasons}) for m in manifests), Counter[str]())
    kept, dropped = sum(m.kept for m in manifests), sum(m.dropped for m in manifests)
    return FunnelStep(step=step, kept=kept, dropped=dropped, reasons=_outcomes(reasons))


def _settle_step(name: str, kept: Kept[VerifiedPair] | Kept[VerifiedPreference]) -> FunnelStep:
    reasons = _outcomes(Counter(dropped.reason for dropped in kept.dropped))
    return FunnelStep(step=name, kept=len(kept.rows), dropped=len(kept.dropped), reasons=reasons)


def _outcomes(counts: Mapping[str, int]) -> tuple[Outcome, ...]:
    return tuple(Outcome(reason=reason, rows=rows) for reason, rows in sorted(counts.items()))
