"""Times the ingest of a label table of the size of RSNA 2019: 752,803 images, six answers each, 4.5 million rows.

    python Benchmarks/labels.py --database sqlite:FILE --folder DIR             images are in the warehouse
    python Benchmarks/labels.py --database postgresql://… --folder DIR          the same in PostgreSQL
    python Benchmarks/labels.py --database … --folder DIR --absent              no image is there: labels wait

The images are rows without pixels, 30 to a series. Answers and ids are the same on every run. Seconds, peak memory of
the program and rows stored are printed. SLICEHOUSE names the program.
"""

import argparse
import os
import random
import subprocess
import time

import synthetic
from synthetic import identifier

QUESTIONS = ["epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any"]
SLICES = 30


def names(count):
    chance = random.Random(7)
    return [f"ID_{chance.getrandbits(36):09x}" for _ in range(count)]


def write_table(folder, images):
    os.makedirs(folder, exist_ok=True)
    chance = random.Random(8)
    with open(os.path.join(folder, "stage_2_train.csv"), "w", encoding="utf-8") as table:
        table.write("ID,Label\n")
        for image in images:
            # As in the published table "any" is the answer of the five others.
            is_positive = chance.random() < 0.172
            answers = [is_positive and chance.random() < 0.3 for _ in QUESTIONS[:-1]]
            for question, answer in zip(QUESTIONS, [*answers, any(answers)]):
                table.write(f"{image}_{question},{int(answer)}\n")


def rows(dataset, images):
    yield "ingest_run", {"ingest_run_id": 900000, "started_at": synthetic.NOW, "finished_at": synthetic.NOW,
                         "heartbeat_at": synthetic.NOW, "status": "completed", "slicehouse_version": "0",
                         "options": "{}"}
    for number, start in enumerate(range(0, len(images), SLICES)):
        patient, study, series = (identifier(kind, number) for kind in ("patient", "study", "series"))
        own = images[start:start + SLICES]
        yield "patient", {"patient_id": patient, "dataset_id": dataset, "patient_key": f"ID_{number:08x}"}
        yield "study", {"patient_id": patient, "study_id": study, "study_key": "1"}
        yield "series", synthetic.series(patient, series, study, number, len(own)) | {"ingest_run_id": 900000}
        for index, image in enumerate(own):
            yield "slice", synthetic.image(patient, identifier("slice", image), series, index, image)


def ask(url, query):
    answer = subprocess.run([synthetic.PROGRAM, "sql", query, "--database", url, "--format", "csv"], check=True,
                            capture_output=True, text=True)
    return answer.stdout.split()[-1]


def dataset(url, folder):
    """The data set, by a table of one image."""
    write_table(folder, ["ID_000000000"])
    subprocess.run([synthetic.PROGRAM, "ingest", folder, "--database", url], check=True, capture_output=True)
    return int(ask(url, "SELECT dataset_id FROM dataset"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--images", type=int, default=752_803)
    parser.add_argument("--absent", action="store_true")
    options = parser.parse_args()
    images = names(options.images)
    identity = dataset(options.database, options.folder)
    if not options.absent:
        synthetic.fill(options.database, rows(identity, sorted(set(images))))
    write_table(options.folder, images)
    start = time.perf_counter()
    run = subprocess.Popen([synthetic.PROGRAM, "ingest", options.folder, "--database", options.database])
    _, status, usage = os.wait4(run.pid, 0)
    seconds = time.perf_counter() - start
    print(f"{seconds:.1f} s, {usage.ru_maxrss / 1024:.0f} MB, {6 * options.images} rows, exit {status >> 8}")
    for table in ("label", "label_value", "label_unresolved"):
        print(table, ask(options.database, f"SELECT count(*) FROM {table}"))


if __name__ == "__main__":
    main()
