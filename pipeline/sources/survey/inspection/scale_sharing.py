"""One scale for all questions of a family: the places do not depend on who answered which question."""

from collections.abc import Mapping, Sequence

from pipeline.sources.files.cells import fold
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.amounts import find_filler
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.scales import Scale, agree, find_order, numbered, usual_forms

Written = tuple[tuple[tuple[str, float], ...], str, tuple[Doubt, ...]]  # scale, remark, doubts
_FROM_LEAST = "from least to most"


class Shared:
    """The scales on which the blocks of a survey agree."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._family: dict[int, str] = {}
        self._scale: dict[int, Scale] = {}
        candidates = {number: _families(block) for number, block in enumerate(blocks) if block.kind != "ticks"}
        self._blocks = {id(block): number for number, block in enumerate(blocks)}
        support: dict[str, int] = {}
        for families in candidates.values():
            for family in families:
                support[family] = support.get(family, 0) + 1
        members: dict[str, list[int]] = {}
        for number, families in candidates.items():
            if families:
                chosen = max(families, key=lambda family: (support[family], -list(families).index(family)))
                members.setdefault(chosen, []).append(number)
                self._family[number] = chosen
        for family, numbers in members.items():
            sets = {number: candidates[number][family] for number in numbers}
            for cluster in _clusters(family, sets):
                answers = sum(each.facts.answered_count for number in cluster for each in blocks[number].members)
                scale = agree(family, [sets[number] for number in cluster], answers)
                self._scale |= dict.fromkeys(cluster, scale)
        self._places = candidates

    def scale_of(self, block: Block) -> Written | None:
        """The scale of a block as it is written, with its remark and its doubts; None if it has none."""
        number = self._blocks[id(block)]
        name = block.name
        declared = block.members[0].order if block.members[0].facts.order else ()
        if declared:
            return _declared(block, declared, name)
        scale = self._scale.get(number)
        if scale:
            own = self._places[number][self._family[number]]
            if len(scale.places) < 3:
                return None
            options = scale.options(own)
            doubts = (Doubt(at.WRONG_PLACE, f"{name}: {scale.doubt}"),) if scale.doubt else ()
            return tuple((text, float(place)) for place, text in enumerate(options, start=1)), _FROM_LEAST, doubts
        return _without_family(block, name)


def _families(block: Block) -> dict[str, Mapping[str, float]]:
    """The families that explain every column of a block, with the places of all its texts."""
    found: dict[str, dict[str, float]] = {}
    for places in block.members[0].places:
        merged: dict[str, float] = {}
        for each in block.members:
            own = next((other for other in each.places if other.family == places.family), None)
            if own is None:
                break
            merged |= own.by_text
        else:
            found[places.family] = merged
    return {family: merged for family, merged in found.items() if len(set(merged.values())) == len(_spelled(merged))}


def _spelled(merged: Mapping[str, float]) -> set[str]:
    return {fold(text) for text in merged}


def _clusters(family: str, sets: Mapping[int, Mapping[str, float]]) -> list[list[int]]:
    """Blocks whose answers may come from one scale: those that no usual form holds together stay apart."""
    clusters: list[tuple[set[float], list[int]]] = []
    for number in sorted(sets, key=lambda each: (-len(sets[each]), each)):
        own = set(sets[number].values())
        for union, members in clusters:
            if own <= union or _is_one(family, union | own):
                union |= own
                members.append(number)
                break
        else:
            clusters.append((own, [number]))
    return [members for _, members in clusters]


def _is_one(family: str, places: set[float]) -> bool:
    if "/" in family:
        sizes = {abs(place) for place in places if place}
        return not (sizes & {1.0, 1.5} and 2.0 in sizes) and not {3.0, 4.0} <= sizes
    forms = usual_forms(family)
    return not forms or any(places <= set(form) for form in forms)


def _declared(block: Block, order: tuple[str, ...], name: str) -> Written:
    """The labels of an SPSS variable: all that are declared, by their words if these are known, else by their codes."""
    places = next((each.by_text for each in block.members[0].places), None)
    texts = list(dict.fromkeys(text for each in block.members for text in each.order or ()))
    on_scale = [text for text in texts if places is None or text in places]
    ordered = sorted(on_scale, key=lambda text: places[text]) if places else find_order(order) or on_scale
    if len(ordered) != len(on_scale):
        ordered = on_scale
    if places or find_order(order):
        return tuple((text, float(place)) for place, text in enumerate(ordered, start=1)), _FROM_LEAST, ()
    doubt = Doubt(at.WRONG_PLACE, f"{name}: the places follow the codes of the file, which may run from most to least")
    return (
        tuple((text, float(place)) for place, text in enumerate(ordered, start=1)),
        "in the order of the codes",
        (doubt,),
    )


def _without_family(block: Block, name: str) -> Written | None:
    members: Sequence[Guess] = block.members
    if not all(each.part in ("scale", "codes", "single") for each in members) or members[0].part == "single":
        return None
    texts = list(dict.fromkeys(text for each in members for text in (each.order or each.facts.answers)))
    numbers = numbered(texts)
    if numbers and any(each.part == "scale" for each in members):
        full = {
            float(number): f"{number}" for number in range(int(min(numbers.values())), int(max(numbers.values())) + 1)
        }
        full |= {place: text for text, place in numbers.items()}
        note = Doubt(at.OTHER, f"{name}: check which end of {min(full):g} to {max(full):g} is the best")
        if max(full) > 10 or len(set(numbers.values())) < len(numbers):
            return None
        fillers = {filler for each in members if (filler := find_filler(each.facts))}
        why = f"stands apart in {name} and may mean no answer: if so, move it from scale to not_answered"
        apart = tuple(Doubt(at.WRONG_COUNT, f"{filler:g} {why}") for filler in sorted(fillers))
        return tuple((full[place], place) for place in sorted(full)), "the numbers themselves", (*apart, note)
    if numbers or not all(each.order for each in members):
        return None
    order = find_order(texts)
    if not order:
        return None
    doubt = Doubt(
        at.WRONG_PLACE,
        f"{name}: the order of {len(order)} answers is taken from their words; there may be answers that nobody gave",
    )
    return tuple((text, float(place)) for place, text in enumerate(order, start=1)), _FROM_LEAST, (doubt,)
