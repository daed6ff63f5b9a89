# Slicehouse
#
#   make demo       install what is missing, build, make a synthetic CT-ICH cohort, ingest it, query it, draw it
#   make test       install what is missing, build, run all tests (starts its own PostgreSQL)
#   make test-frameworks  the Python package and the exports with PyTorch and other readers
#   make python     the wheel of the Python package, in .build/wheel
#   make build      the program, optimised
#   make install    slicehouse and ingest into PREFIX (default /usr/local)
#   make crash      200 random SIGKILLs during ingest, each followed by a rerun and a comparison
#   make fuzz       libFuzzer over the reading of DICOM files; MINUTES=30, crashes go to Fuzz/.build
#   make bench      the peers beside ours; writes Benchmarks/results/
#   make lint       formatting, SQL manifest and generated documents
#   make format     format the sources in place
#   make docs       docs/schema.md and docs/commands.md from the database and the program
#   make clean      what was built

PREFIX ?= /usr/local
# Numerics are 250 times slower without optimisation, so the tests run the optimised build; one build serves all.
SWIFT_FLAGS = -c release -Xswiftc -enable-testing
BIN = .build/release/slicehouse
PYTHON = .build/oracle/bin/python
# What pip takes for PyTorch: a name, or a wheel.
TORCH ?= torch

PACKAGES = libdcmtk-dev dcmtk libcharls-dev libopenjp2-7-dev libturbojpeg0-dev libpng-dev zlib1g-dev libblosc-dev libopenblas-dev liblapacke-dev libpq-dev libsqlite3-dev \
	libssl-dev pkg-config postgresql postgresql-client sqlite3 python3 python3-venv ca-certificates

.PHONY: demo test test-frameworks python build install packages oracle crash fuzz bench lint format docs clean

demo: packages build
	@etl/demo $(BIN)

test: packages oracle
	swift build $(SWIFT_FLAGS) --build-tests
# A server each: those of Python stop and start theirs.
	Tests/throwaway-postgresql -- $(PYTHON) -B -m pytest -q -W ignore python/tests
	SLICEHOUSE_ORACLE_PYTHON=$(CURDIR)/$(PYTHON) Tests/throwaway-postgresql -- swift test $(SWIFT_FLAGS) --skip-build

test-frameworks: packages oracle python
	swift build $(SWIFT_FLAGS) --product slicehouse
	python3 -m venv .build/frameworks
	.build/frameworks/bin/pip install --quiet --force-reinstall .build/wheel/slicehouse-*.whl
	.build/frameworks/bin/pip install --quiet $(TORCH) torchdata nibabel==5.3.2 pytest==9.2.0 pillow==11.3.0 webdataset==1.0.2 tensorflow-cpu pandas polars pyarrow
# Without the clients of cloud stores that it would bring.
	.build/frameworks/bin/pip install --quiet --no-deps mosaicml-streaming==0.13.0
	.build/frameworks/bin/pip install --quiet 'transformers<5' Brotli python-snappy zstd 'xxhash<4' catalogue torchvision
# A process each: TensorFlow and MosaicML Streaming abort each other.
	Tests/throwaway-postgresql -- .build/frameworks/bin/python -B -m pytest -q -W ignore python/framework-tests \
		-k "not tensorflow" --ignore python/framework-tests/test_tensorflow.py
	Tests/throwaway-postgresql -- .build/frameworks/bin/python -B -m pytest -q -W ignore -k tensorflow \
		python/framework-tests/test_exports.py python/framework-tests/test_tensorflow.py

python: packages
	python/wheel

build:
	swift build $(SWIFT_FLAGS) --product slicehouse

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/slicehouse
	install -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/slicehouse
	ln -sf slicehouse $(DESTDIR)$(PREFIX)/bin/ingest
	cp -R migrations sql etl $(DESTDIR)$(PREFIX)/share/slicehouse/

# Debian packages that are missing; nothing is asked of the network where all are there.
packages:
	@missing=; for name in $(PACKAGES); do dpkg -s $$name > /dev/null 2>&1 || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
		echo "installing$$missing"; \
		if [ "$$(id -u)" = 0 ]; then run=; else run=sudo; fi; \
		$$run apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends $$missing; \
	fi

# Independent readers that the tests compare with; a virtual environment below .build.
oracle: .build/oracle/.readers
.build/oracle/.readers:
	python3 -m venv .build/oracle
	.build/oracle/bin/pip install --quiet pydicom==3.0.2 nibabel==5.3.2 numpy==2.4.6 pillow==11.3.0 \
		pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 pylibjpeg-openjpeg==2.6.0 pylibjpeg-rle==2.2.0 \
		python-gdcm==3.2.6 pyjpegls==1.5.1 SimpleITK==2.5.7 \
		pytest==9.2.0 scipy==1.17.1 scikit-learn==1.9.1 scikit-image==0.26.0 PyWavelets==1.9.0 'SQLAlchemy<2.1' matplotlib
	.build/oracle/bin/pip install --quiet --no-deps pylidc==0.2.3
	touch $@

crash: build
	Tests/throwaway-postgresql -- Tests/crash $(BIN)

fuzz: packages
	Fuzz/run $(or $(MINUTES),30)

bench: packages build
	Benchmarks/run

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzz/Package.swift Fuzz/Sources/fuzz-dicom
	sql/manifest.sh --check

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

docs: build
	Tests/throwaway-postgresql -- docs/generate $(BIN)

clean:
	rm -rf .build demo
