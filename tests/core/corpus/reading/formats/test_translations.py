"""Memories and files of translators become pairs; what is not read, damaged or hostile is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.translations import is_translations
from llmstudio.core.corpus.reading.readers import read, survey
from llmstudio.core.corpus.records import FileRead, Skipped

PAIRS = [(f"The boat {n} & its oar are <new>.", f"Das Boot {n} & sein Ruder sind <neu>.") for n in range(6)]
DOCTYPE = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("The boat", "<bpt i='1'>{b}</bpt>The<ph/> boat")


def _tmx(*more: str, declared: str = "UTF-8", source: str = "en-us") -> str:
    def unit(one: str, other: str) -> str:
        both = [f'<tuv xml:lang="DE"><seg>{_xml(other)}</seg></tuv>', f'<tuv xml:lang="en-US"><seg>{_xml(one)}</seg></tuv>']
        return f"<tu><prop type='seg'>x</prop><note>by hand</note>{''.join(both)}{''.join(more)}</tu>\n"

    units = "".join(unit(*pair) for pair in PAIRS)
    head = f'<?xml version="1.0" encoding="{declared}"?>\n<!-- ours -->\n{DOCTYPE}'
    return f'{head}<tmx version="1.4"><header srclang="{source}"/><body>\n{units}</body></tmx>\n'


def _xliff(version: str) -> str:
    if version == "2":
        units = "".join(
            f"<unit id='u'><notes><note>no</note></notes><segment><source>{_xml(a)}</source>"
            f"<target>{_xml(b)}</target></segment></unit>\n"
            for a, b in PAIRS
        )
        return f'<xliff version="2.0" srcLang="en" trgLang="de"><file id="f">\n{units}</file></xliff>'
    units = "".join(
        f"<x:trans-unit id='u'><x:source>{_xml(a)}</x:source><x:seg-source><x:mrk>no</x:mrk></x:seg-source>"
        f"<x:target><x:g id='1'>{_xml(b)}</x:g></x:target><x:note>no</x:note>"
        "<x:alt-trans><x:source>no</x:source><x:target>no</x:target></x:alt-trans></x:trans-unit>\n"
        for a, b in PAIRS
    )
    return (
        "\ufeff<?xml version='1.0'?>\n<x:xliff xmlns:x='urn:x'><x:file source-language='en' target-language='de'><x:body>"
        f"{units}</x:body></x:file></x:xliff>"
    )


def _read(tmp_path: Path, name: str, data: str | bytes) -> tuple[list[dict[str, Any]], list[Skipped], str]:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    items = list(read([tmp_path / name], ReadingConfig()))
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [i for i in items if isinstance(i, dict)], [i for i in items if isinstance(i, Skipped)], " ".join(said)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tmx", _tmx()),
        ("wide.tmx", _tmx(declared="UTF-16").encode("utf-16")),
        ("memory.xml", _tmx(source="*all*").replace('xml:lang="DE"', 'lang="de"', 0)),
        ("a.xlf", _xliff("1")),
        ("a.xliff", _xliff("2")),
        ("a.txt", _xliff("1")),
    ],
)
def test_that_each_unit_is_a_pair_without_the_signs_of_layout(tmp_path: Path, name: str, data: str | bytes) -> None:
    records, skipped, said = _read(tmp_path, name, data)
    read_pairs = [(record["source"], record["target"]) for record in records]
    assert read_pairs == ([(b, a) for a, b in PAIRS] if name == "memory.xml" else PAIRS)
    assert not skipped
    assert "Pairs of" in said
    assert survey([tmp_path / name], ReadingConfig()).kind == "pairs"


def test_that_further_languages_and_units_without_a_translation_are_told(tmp_path: Path) -> None:
    further = "<tuv xml:lang='fr'><seg>Le bateau</seg></tuv>"
    records, _, said = _read(tmp_path, "a.tmx", _tmx(further))
    assert len(records) == len(PAIRS)
    assert "were not read: fr" in said
    alone = _xliff("2").replace(f"<target>{_xml(PAIRS[2][1])}</target>", "")
    records, skipped, _ = _read(tmp_path, "a.xlf", alone)
    assert len(records) == len(PAIRS) - 1
    assert "counterpart" in str(skipped[0].reason)


def test_that_of_damaged_xml_the_whole_units_are_read_and_the_damage_is_told(tmp_path: Path) -> None:
    whole = _tmx()
    records, skipped, _ = _read(tmp_path, "a.tmx", whole[: whole.rindex("oar")])
    assert len(records) == len(PAIRS) - 1
    assert "no whole XML" in str(skipped[-1].reason)


def test_that_entities_of_its_own_are_refused(tmp_path: Path) -> None:
    bomb = _tmx().replace(DOCTYPE, '<!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>\n').replace("Das", "&b;")
    records, skipped, _ = _read(tmp_path, "a.tmx", bomb)
    assert not records
    assert "entities" in str(skipped[0].reason)


def test_that_other_xml_and_texts_about_it_are_no_translations() -> None:
    assert not is_translations("<?xml version='1.0'?>\n<posts><row/></posts>")
    assert not is_translations("A file of translators begins with <tmx version='1.4'>.")
    assert not is_translations("<!--" * 900)
    assert not is_translations("<!-- -->" * 400 + "<x>")
