"""A checkpoint comes back bit for bit, or says that it is damaged and steps aside for the one before it."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint import read, verification, write
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model, load_state
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.store import files
from llmstudio.store.files import write_json, write_manifest
from llmstudio.store.reading import read_json


@pytest.fixture
def model():
    return build_model("decoder", DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16), 20)


def _save(folder: Path, step: int, model, loss: float | None = None, **more) -> Path:
    return save_checkpoint(folder, step, model=model, kind="decoder", facts={"val_loss": loss}, **more)


@pytest.mark.parametrize("sparse", [False, True])
def test_that_weights_come_back_bit_for_bit(tmp_path, model, sparse):
    with torch.no_grad():
        model.blocks[0].feed_forward.up.weight[::2] = 0
    _save(tmp_path, 5, model, sparse=sparse)
    found, notes = find_checkpoint(tmp_path, "last")
    again = load_model(found)
    assert notes == []
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    assert again.config == model.config


def test_that_tied_tables_are_stored_once(tmp_path, model):
    path = _save(tmp_path, 1, model)
    parameters = model.config.num_parameters(20)
    assert parameters * 4 <= (path / "model.safetensors").stat().st_size < parameters * 4 + 4000


@pytest.mark.parametrize("damage", ["cut", "flip", "missing"])
def test_that_a_damaged_checkpoint_gives_way_to_the_one_before_and_says_so(tmp_path, model, damage):
    _save(tmp_path, 10, model, 2.0)
    weights = _save(tmp_path, 20, model, 1.0) / "model.safetensors"
    data = bytearray(weights.read_bytes())
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(data[:-1])
    else:
        data[-3] ^= 1
        weights.write_bytes(data)
    for which in ("last", "best"):
        found, notes = find_checkpoint(tmp_path, which)
        assert found.step == 10
        assert "step 20 is damaged" in str(notes[0])


def test_that_nothing_is_handed_out_when_all_are_damaged(tmp_path, model):
    (_save(tmp_path, 10, model) / "facts.json").write_text("{")
    with pytest.raises(StudioError, match="damaged"):
        find_checkpoint(tmp_path)


def test_that_best_is_the_lowest_validation_loss_and_a_step_can_be_named(tmp_path, model):
    for step, loss in ((10, 2.0), (20, 1.5), (30, 1.8)):
        _save(tmp_path, step, model, loss)
    assert [find_checkpoint(tmp_path, which)[0].step for which in ("best", "last", "10")] == [20, 30, 10]
    with pytest.raises(StudioError, match="10, 20, 30"):
        find_checkpoint(tmp_path, "15")


def test_that_the_newest_checkpoint_says_which_is_best_and_a_stale_loss_does_not(tmp_path, model):
    def stood(best_step: int, loss: float | None):
        return {"standing": {"best_step": best_step, "best_loss": 1.5}, "val_loss": loss}

    for step, loss in ((20, 1.5), (25, 1.5), (30, 1.4)):  # a loss that an earlier version copied on
        save_checkpoint(tmp_path, step, model=model, kind="decoder", facts=stood(20, loss))
    assert find_checkpoint(tmp_path, "best")[0].step == 20
    (tmp_path / "checkpoints" / "00000030" / "facts.json").write_text("{")
    assert find_checkpoint(tmp_path, "best")[0].step == 20


def test_that_the_only_checkpoint_is_there_whenever_its_replacement_breaks_off(tmp_path, model, monkeypatch):
    class Killed(BaseException):
        pass

    _save(tmp_path, 5, model, 2.0)
    real, calls = files.os.replace, []

    def dies_at(number):
        def call(source, target):
            calls.append(number)
            if len(calls) == number:
                raise Killed
            real(source, target)

        return call

    for number in range(1, 20):
        calls.clear()
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", dies_at(number))
            patch.setattr(files.shutil, "rmtree", lambda *_, **__: None)  # who is killed clears nothing away
            try:
                _save(tmp_path, 5, model, 1.0)
            except Killed:
                assert find_checkpoint(tmp_path, "last")[0].step == 5
                assert find_checkpoint(tmp_path, "best")[1] == []
                continue
        break
    assert number > 4
    assert find_checkpoint(tmp_path)[0].card.run.val_loss == 1.0


def test_that_a_checkpoint_without_training_state_says_what_it_is_for(tmp_path, model):
    _save(tmp_path, 1, model)
    with pytest.raises(StudioError, match="can talk"):
        load_state(find_checkpoint(tmp_path)[0])


def test_that_a_full_disk_leaves_the_older_checkpoint_and_no_leftovers(tmp_path, model, monkeypatch):
    _save(tmp_path, 10, model)

    def full(*args: object, **settings: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write, "save_file", full)
    with pytest.raises(StudioError, match="full"):
        _save(tmp_path, 20, model)
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == ["00000010"]
    assert find_checkpoint(tmp_path)[0].step == 10


def test_that_a_sparse_checkpoint_of_an_earlier_version_still_opens(tmp_path, model):
    """It kept a bit for each number, and the numbers that are not zero in 32 bits."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter[torch.rand_like(parameter) < 0.7] = 0
    folder = _save(tmp_path, 10, model)
    written = {}
    for name, tensor in model.state_dict().items():
        bits = np.packbits((tensor != 0).numpy().reshape(-1), bitorder="little")
        written |= {f"{name}:bits": torch.from_numpy(bits), f"{name}:values": tensor[tensor != 0]}
        written[f"{name}:shape"] = torch.tensor(tensor.shape)
    save_file(written, folder / "model.safetensors")
    facts = read_json(folder / "facts.json")
    write_json(folder / "facts.json", facts | {"codecs": dict.fromkeys(facts["codecs"], "bitmap")})
    (folder / "manifest.json").unlink()
    write_manifest(folder)
    back = load_model(find_checkpoint(tmp_path)[0])
    assert all(torch.equal(a, b) for a, b in zip(back.parameters(), model.parameters(), strict=True))


def test_that_a_model_larger_than_the_memory_is_not_built(tmp_path, model, monkeypatch):
    """In a file, zeros take next to nothing."""
    _save(tmp_path, 10, model)
    found, _ = find_checkpoint(tmp_path)
    num_parameters = sum(p.numel() for p in model.parameters())
    monkeypatch.setattr(read, "_memory_bytes", lambda: 4 * num_parameters)
    load_model(found)
    monkeypatch.setattr(read, "_memory_bytes", lambda: 4 * num_parameters - 1)
    with pytest.raises(MemoryError, match="larger than this computer's memory"):
        load_model(found)


def test_that_a_checkpoint_that_memory_was_too_small_for_is_no_damaged_one(tmp_path, model, monkeypatch):
    """An earlier one was used instead, and called the best."""
    _save(tmp_path, 10, model, 2.0)
    _save(tmp_path, 20, model, 1.0)
    found, _ = find_checkpoint(tmp_path)

    def refused(*given, **named):
        raise SafetensorError("Error while deserializing header: I/O error: Cannot allocate memory (os error 12)")

    monkeypatch.setattr(read, "load_file", refused)
    with pytest.raises(MemoryError):
        load_model(found)
    monkeypatch.setattr(verification, "safe_open", refused)
    with pytest.raises(MemoryError):
        find_checkpoint(tmp_path)


def test_that_a_damaged_best_names_the_checkpoint_that_is_used_for_it(tmp_path, model):
    for step, loss in ((100, 1.0), (900, 2.0), (1000, 3.0)):
        _save(tmp_path, step, model, loss)
    (tmp_path / "checkpoints" / "00000100" / "model.safetensors").write_bytes(b"cut")
    found, notes = find_checkpoint(tmp_path)
    assert found.step == 900
    assert [str(note) for note in notes] == ["The checkpoint of step 100 is damaged; that of step 900 is used."]
