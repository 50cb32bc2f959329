import json

import torch

from training.progress import Curve, lots, save, take_up


def test_a_training_goes_on_where_it_was_kept(tmp_path):
    first, second = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    assert take_up(tmp_path / "state", {"model": second}) == 0
    save(tmp_path / "state", 7, {"model": first})
    assert take_up(tmp_path / "state", {"model": second}) == 7
    assert torch.equal(first.weight, second.weight)


def test_lots_follow_from_seed_and_step_alone():
    def drawn(*of):
        numbers, generator = lots(*of)
        return numbers.random(), float(torch.rand(1, generator=generator))

    assert drawn(1, 5) == drawn(1, 5)
    assert len({drawn(1, 5), drawn(1, 6), drawn(2, 5)}) == 3


def test_a_curve_is_added_to_and_never_begun_anew(tmp_path, capsys):
    for step in (1, 2):
        Curve(tmp_path / "curve.jsonl").add(step, loss=0.123456)
    lines = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    assert [(line["step"], line["loss"]) for line in lines] == [(1, 0.1235), (2, 0.1235)]
    assert capsys.readouterr().out.count("\n") == 2
