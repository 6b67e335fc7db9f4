"""The process of a job, `python -m covolt.workspace.job_process FOLDER`: it answers the question there, and ends with its worker.

It runs apart from the server, so that nothing that it computes makes others wait, and nothing that ends it ends the server.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Event, Thread

from covolt.errors import CovoltError
from covolt.programme.reading import read_programme
from covolt.workspace.job_files import PROGRAMME, Answers, Question
from covolt.workspace.job_kinds import KINDS

__all__ = ["run"]


def run(folder: Path) -> None:
    """Answer the question in a folder, or write why it cannot be answered."""
    question, answers = Question.read(folder), Answers(folder)
    try:
        read = read_programme(folder / PROGRAMME, day=question.day)
        answers.answer(KINDS[question.kind](read, question, folder, answers.progress))
    except CovoltError as error:
        answers.problems(error.problems)


def _end_with_worker(patience_s: float) -> None:
    """End this process when its worker has ended, or has said nothing for so long: somebody else may take the job up then."""
    heard = Event()

    def listen() -> None:
        while os.read(0, 1):
            heard.set()
        os._exit(1)

    def watch() -> None:
        while heard.wait(patience_s):
            heard.clear()
        os._exit(1)

    for one in (listen, watch):
        Thread(target=one, daemon=True).start()


if __name__ == "__main__":
    _end_with_worker(float(sys.argv[2]))
    run(Path(sys.argv[1]))
