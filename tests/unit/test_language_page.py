"""A page is made in English and shown in the lifter's language."""

from livecoach import language
from livecoach.language.page import translated


def test_texts_and_labels_are_translated_and_all_else_stays() -> None:
    """Code, styles, names of classes and links are not texts."""
    page = (
        '<!doctype html>\n<html lang="en"><style>.good { color: red }</style>\n'
        '<a class="good" href="#good" aria-label="rep 1/2: good">  good </a>, <code>livecoach correct good</code>'
    )
    with language.used("de"):
        assert translated(page) == (
            '<!doctype html>\n<html lang="de"><style>.good { color: red }</style>\n'
            '<a class="good" href="#good" aria-label="Wdh. 1/2: gut">  gut </a>, <code>livecoach correct good</code>'
        )


def test_what_was_escaped_stays_escaped() -> None:
    """A name that looks like a tag is not one, in texts and labels."""
    page = '<p title="shown &lt;b&gt;&#34;">&lt;b&gt;&amp;</p><p title="“good”">squat · &lt;b&gt;</p>'
    with language.used("de"):
        assert translated(page) == (
            '<p title="shown &lt;b&gt;&#34;">&lt;b&gt;&amp;</p><p title="„gut“">Kniebeuge · &lt;b&gt;</p>'
        )


def test_an_english_page_is_unchanged() -> None:
    """Byte for byte, in metric units."""
    page = '<html lang="en"><p title="a &#34;b&#34;">Rep 1/2:\n  about 6 cm &amp; more</p></html>'
    assert translated(page) == page
