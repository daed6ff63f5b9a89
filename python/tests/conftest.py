import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("SLICEHOUSE_LIBRARY", str(ROOT / ".build/release/libSlicehouseStream.so"))
sys.path.insert(0, str(ROOT / "python/src"))
