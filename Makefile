# make demo | test | slow | vectors | bench | accuracy | lint | clean. Each sets up .venv by itself, and only when its pins change.
#
# Needs Python 3.11 or newer, git, make, g++ and perl. Everything else comes from PyPI into this folder: packages into
# .venv, caches into .cache, results into build.

VENV := .venv
BIN := $(VENV)/bin
# What to install: EXTRAS=dev,baselines adds PyTorch, and with it the tests of the baseline (gigabytes, where only the
# build for GPUs is to be had).
EXTRAS ?= dev
STAMP := $(VENV)/.installed-$(EXTRAS)
BENCH := build/bench
ENGINE := $(BENCH)/engine
ONE_CORE := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# Caches stay in this folder too (pip, compiled WebAssembly tools, matplotlib's fonts).
export XDG_CACHE_HOME := $(CURDIR)/.cache
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first interpreter that is new enough; PYTHON=... overrides.
IS_NEW := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13 python3.14 python, \
	$(shell $(name) $(IS_NEW) >/dev/null 2>&1 && command -v $(name))))

.PHONY: help setup demo test lint types pytest slow vectors bench accuracy constraints clean

help:
	@echo 'make demo    learn, generate, simulate, build bitstreams, report (build/demo)'
	@echo 'make test    lint, types, tests'
	@echo 'make slow    the tests that make test leaves out'
	@echo 'make vectors every reference vector in Verilog, at several foldings'
	@echo 'make bench   measure speed, simulation and boards (build/bench; EXTRAS=dev,baselines for PyTorch beside them)'
	@echo 'make accuracy  the tables of docs/accuracy.md (hours; goes on where it stopped)'
	@echo 'make lint    ruff and mypy only'
	@echo 'make clean   remove what make made'

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo 'make: bephw needs Python 3.11 or newer, as python3 or python3.11 on PATH' \
		'(or say make PYTHON=/path/to/python)' >&2; exit 1; }
	@echo '== setup: $(PYTHON) -> $(VENV), once; about a minute'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt setuptools
	$(BIN)/python -m pip install --constraint constraints.txt --no-build-isolation --editable '.[$(EXTRAS)]'
	@touch $@

demo: $(STAMP)
	$(BIN)/bephw demo --output build/demo

test: lint pytest

lint: $(STAMP) types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Top-level folders are subpackages once installed (see pyproject.toml); mypy reads a tree of links that shows it that.
types: $(STAMP)
	@rm -rf build/types && mkdir -p build/types/bephw
	@ln -s $(CURDIR)/bephw/* $(CURDIR)/rtl_gen $(CURDIR)/sim $(CURDIR)/boards build/types/bephw/
	@rm -f build/types/bephw/__pycache__
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml \
		--cache-dir $(CURDIR)/.cache/mypy -p bephw

pytest: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

slow: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

# `make test` has each vector at one folding or two. These are the slowest, the widest, and some that divide no size.
FOLDINGS := 1x1 2x7 4x8 7x13 16x5 15x25 6x33
STALLS := 0 0.3
VECTORS ?= $(wildcard $(addsuffix .npz,$(addprefix ../shared/vectors/,mlp_* lbes_* bep_tt_* v2_mlp_* v2_lbes_*)))

vectors: $(STAMP)
	@test -n "$(VECTORS)" || { echo 'make: no reference vectors (say make VECTORS="their files")' >&2; exit 1; }
	for vector in $(VECTORS); do for folding in $(FOLDINGS); do for stalls in $(STALLS); do \
		echo "rows x columns $$folding, stalls $$stalls" && $(BIN)/bephw check $$vector --rtl --engine fast \
			--rows $${folding%x*} --columns $${folding#*x} --stalls $$stalls || exit; \
	done; done; done

# Every figure is a file, and what is there is not measured again: a run that was cut goes on where it stopped, and a
# figure whose file is removed is measured anew. Processor times are taken one after the other, with nothing beside them;
# then everything is counted, simulated or placed, as many at a time as there are cores.
TIMES := $(addprefix $(ENGINE)/,golden.json baseline.json baseline_digits.json baseline_fashion.json generation.json \
	generation_samples.json simulation.json)
# Without the 256 and 4,096 lanes: their foldings show cycles, and need more block RAMs than there are.
FMAX := fashion_ulx3s fashion_1024_lanes digits_64_lanes digits_512_lanes_batch_100
CYCLES := digits_64_lanes digits_icebreaker digits_512_lanes_batch_100 digits_four_samples fashion_256_lanes \
	fashion_1024_lanes fashion_ulx3s fashion_4096_lanes fashion_4096_lanes_batch_20 fashion_two_samples \
	fashion_four_samples fashion_four_samples_batch_20
PROGRAMS := $(foreach board,icebreaker ulx3s,$(foreach program,bep bep-tt lbes,$(board)_$(program)))
INFERENCE := tiny_folded tiny_unrolled digits_folded digits_unrolled digits_fast_folded fashion_folded tfc_unrolled
BOARDS := tang-nano-9k tang-nano-20k ulx3s-12f ulx3s-25f ulx3s-45f orangecrab-25f ice40-hx8k-b-evn
# The longest first. The two that take half an hour and gigabytes come one after the other, as beside each other they take
# twice as long: so the second stands where make gets to when the first is done. The trainer of four samples is measured
# in its board.
COUNTED := $(ENGINE)/build_fashion_samples.json $(FMAX:%=$(ENGINE)/fmax_%.json) \
	$(INFERENCE:%=$(ENGINE)/inference_%.json) $(CYCLES:%=$(ENGINE)/cycles_%.json) \
	$(ENGINE)/fmax_digits_four_samples.json \
	$(PROGRAMS:%=$(ENGINE)/programs_%.json) $(ENGINE)/build_icebreaker.json $(ENGINE)/array.json $(BENCH)/report.html \
	$(BOARDS:%=$(BENCH)/board_%.json) \
	$(BENCH)/link_fuzz.json $(BENCH)/link_fuzz_slow_line.json $(BENCH)/link_fuzz_fast_line.json $(BENCH)/virtual_board.json
CORES ?= $(shell nproc 2>/dev/null || echo 2)

bench: $(STAMP)
	@mkdir -p $(ENGINE)
	@echo '== processor times'
	$(MAKE) --no-print-directory -j1 $(TIMES)
	@echo '== cycles, area and clocks, $(CORES) at a time'
	$(MAKE) --no-print-directory -k -j$(CORES) $(COUNTED); echo $$? > $(BENCH)/status
	$(BIN)/python benchmarks/summary.py $(ENGINE)
	-$(BIN)/python docs/quoted_figures.py
	$(BIN)/python benchmarks/board_table.py $(BENCH)/board_*.json
	exit $$(cat $(BENCH)/status)

$(ENGINE)/golden.json:
	$(ONE_CORE) $(BIN)/python benchmarks/golden_speed.py --json $@
$(ENGINE)/baseline.json:
	$(ONE_CORE) $(BIN)/python benchmarks/baseline_speed.py --json $@
$(ENGINE)/baseline_digits.json:
	$(ONE_CORE) $(BIN)/python benchmarks/baseline_speed.py examples/digits.toml --epochs 30 --json $@
$(ENGINE)/baseline_fashion.json:
	$(ONE_CORE) $(BIN)/python benchmarks/baseline_speed.py examples/fashion_fast.toml --epochs 3 --json $@
$(ENGINE)/generation.json:
	$(BIN)/python benchmarks/generation.py --json $@
$(ENGINE)/generation_samples.json:
	$(BIN)/python benchmarks/generation.py examples/fashion_samples.toml --json $@
$(ENGINE)/simulation.json:
	$(BIN)/python benchmarks/simulation_speed.py --json $@
$(ENGINE)/array.json:
	$(BIN)/python benchmarks/array_area.py --lanes 64 256 --json $@
# Asked for the 160 MHz of the others, the router rips up thousands of arcs that could never be so short.
$(ENGINE)/fmax_digits_four_samples.json:
	$(BIN)/python benchmarks/fmax.py --case digits_four_samples --clock 100 --json $@
$(ENGINE)/fmax_digits_four_samples.json: | $(ENGINE)/build_fashion_samples.json
$(ENGINE)/fmax_%.json:
	$(BIN)/python benchmarks/fmax.py --case $* --json $@
$(ENGINE)/cycles_%.json:
	$(BIN)/python benchmarks/plan_cycles.py --only $* --batches 20 --workdir $(BENCH)/cycles/$* --json $(@D)
$(ENGINE)/programs_%.json:
	$(BIN)/python benchmarks/programs.py --only $(subst _,/,$*) --workdir $(BENCH)/programs/$* --json $(@D)
$(ENGINE)/inference_%.json:
	$(BIN)/python benchmarks/inference.py --network $(subst _,-,$(*:_$(lastword $(subst _, ,$*))=)) \
		--style $(lastword $(subst _, ,$*)) $(ROUTING_$*) --json $(@D)
# What it reaches: more would be tried in vain first, for some minutes.
ROUTING_tfc_unrolled := --clock 110

# Digits on one board of each kind: bitstreams, and their clocks (`python benchmarks/board_table.py build/bench/board_*.json`).
CLOCK_tang-nano-9k := 27
CLOCK_tang-nano-20k := 54
CLOCK_orangecrab-25f := 48
$(BENCH)/board_ice40-hx8k-b-evn.json:
	$(BIN)/bephw build examples/digits_hx8k.toml --output $(BENCH)/ice40-hx8k-b-evn --json $@
$(BENCH)/board_%.json:
	-$(BIN)/bephw build --board $* --clock $(or $(CLOCK_$*),50) examples/digits.toml \
		--set hardware.counter_memory=bram --output $(BENCH)/$* --json $@

# A million damaged frames without the UART; some with it, at either end of what its bits may be off by.
$(BENCH)/link_fuzz.json:
	$(BIN)/python benchmarks/link_fuzz.py --json $@
$(BENCH)/link_fuzz_slow_line.json:
	$(BIN)/python benchmarks/link_fuzz.py --uart --baud-error -0.02 --frames 20000 --json $@
$(BENCH)/link_fuzz_fast_line.json:
	$(BIN)/python benchmarks/link_fuzz.py --uart --baud-error 0.02 --frames 20000 --json $@
$(BENCH)/virtual_board.json:
	$(BIN)/python benchmarks/virtual_board.py --json $@

# A report of two networks, learnt, simulated and built.
$(BENCH)/train_fashion_135.json:
	$(BIN)/bephw train examples/fashion_135.toml --epochs 2 --json $@
$(BENCH)/train_digits.json:
	$(BIN)/bephw train examples/digits.toml --json $@
$(BENCH)/sim_digits.json:
	$(BIN)/bephw sim examples/digits.toml --set hardware.profile=true --epochs 1 --json $@
$(BENCH)/sim_fashion_samples.json:
	$(BIN)/bephw sim examples/fashion_samples.toml --samples 1000 --json $@
$(BENCH)/build_icebreaker.json:
	$(BIN)/bephw build --board icebreaker examples/digits.toml --output $(BENCH)/icebreaker --json $@
# A board that misses its clock fails the command, but has its figures.
$(BENCH)/build_fashion_samples.json:
	-$(BIN)/bephw build --board ulx3s-85f examples/fashion_samples.toml --output $(BENCH)/fashion_samples --json $@
$(ENGINE)/build_%.json: $(BENCH)/build_%.json
	$(BIN)/python benchmarks/figures.py $< $@
$(BENCH)/report.html: $(addprefix $(BENCH)/,train_fashion_135.json train_digits.json sim_digits.json \
		sim_fashion_samples.json build_icebreaker.json build_fashion_samples.json)
	$(BIN)/bephw report $^ --output $@

# BEPHW_DATA may name a folder with the data sets, as for every command.
accuracy: $(STAMP)
	for table in examples/tables/*.toml; do $(BIN)/bephw accuracy $$table || exit; done
	$(BIN)/python docs/tables.py build/accuracy

# New pins: whatever pyproject.toml admits today, in an environment of its own.
constraints:
	rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install setuptools
	build/constraints/bin/python -m pip install --no-build-isolation --editable '.[dev,baselines]'
	echo '# Every package that make installs, at the version it was tested with; made by `make constraints`.' > $@.txt
	build/constraints/bin/python -m pip freeze --all --exclude-editable --exclude pip | sed "s/^torch.*/torch==2.13.0/" \
		| sort -f >> $@.txt

clean:
	rm -rf $(VENV) .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
