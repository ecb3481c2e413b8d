"""Templates are filled evenly, and those kept out are not taught."""

from classifier.contrast import ASKED, KEPT_OUT, MOST, Template, filled, kept_out, sentences, templates


def test_every_slot_of_a_template_walks_through_its_choices() -> None:
    stuck = []
    for template in templates():
        found = [sentence.text for sentence in filled(template, MOST)]
        wanted = min(len(found), max((len(choices) for choices in template.slots.values()), default=1))
        if len(set(found)) < wanted:
            stuck.append(template.text)
        for name, choices in template.slots.items():
            if len(found) > 1 and len(choices) > 1 and template.text.count(f"{{{name}}}") == 1:
                words = {choice.split("@")[0] for choice in choices}
                seen = {word for word in words for text in found if word in text}
                stuck += [f"{name} in {template.text}"] if len(seen) < 2 else []
    assert stuck == []


def test_both_languages_have_templates_for_thousands_of_sentences() -> None:
    for language in ("id", "en"):
        own = [template for template in templates() if template.language == language]
        assert len(own) >= 3_000
        assert sum(template.twin is not None for template in own) >= 1_000


def test_a_tenth_of_the_templates_is_kept_out_of_the_teaching() -> None:
    every = list(templates())
    apart = {template.text for template in every if template.kept_out}
    assert 0.8 < len(apart) * KEPT_OUT / len(every) < 1.2
    assert not apart & {sentence.template.text for sentence in sentences()}
    assert {sentence.template.text for sentence in kept_out()} == apart


def test_no_template_gives_twice_as_many_sentences_as_asked_for() -> None:
    for template in templates():
        assert len(list(filled(template, ASKED))) < 2 * ASKED


def test_few_ways_are_all_taken_once_and_of_many_each_slot_shows_half() -> None:
    slots = {"one": ("a", "b", "c"), "two": ("x", "y"), "many": tuple(map(str, range(90)))}
    few = Template("en", "{one} {two}", {}, slots={"one": slots["one"], "two": slots["two"]}, kept_out=False)
    assert [sentence.text for sentence in filled(few, MOST)] == ["a x", "a y", "b x", "b y", "c x", "c y"]
    many = Template("en", "{one} {many} {two} {many} {many}", {}, slots=slots, kept_out=False)
    rows = [sentence.text.split() for sentence in filled(many, MOST)]
    assert len(rows) == MOST
    for place, least in enumerate((2, MOST / 2, 1, MOST / 2, MOST / 2)):
        assert len({row[place] for row in rows}) >= least
