# make demo    install, run the main job on drawn images (no download), print the table
# make test    install, run the whole test suite with lint and types
# make test-lowest   the fast tests with the lowest versions that setup.cfg allows, in .venv-lowest
# make results the thesis's tables and figures beside ours (experiments/README.md); PROFILE is
#              laptop, smoke, gpu or thesis; ROWS=core takes the core rows alone, ROWS=done what is
#              done by now
# make leaderboard  the field's noises against its defences; PROFILE, ROWS, CORES as above
# make docs    the documentation site, into site/; a broken link or reference fails
# make notebooks   runs the notebooks and stores them with their outputs
# make bench   times against other libraries, written into docs/performance.md
# make mnist   noise on real MNIST; DATA names the folder of MNIST/raw
#              (-j2 with OMP_NUM_THREADS=1 is the quickest way to use two cores)
# make table-3-1   attacks on real MNIST: the thesis's Table 3.1, for a GPU or a night; what MORE
#              holds is added to each command (--data.train_subset 10000 --trainer.max_epochs 6)

.DELETE_ON_ERROR:  # an interrupted run's noise is not done

PYTHON ?= python3
DATA ?= data
BIN := .venv/bin
UNLEARNABLE := $(BIN)/unlearnable
QUIET := --trainer.enable_model_summary false

.PHONY: demo results leaderboard test test-all test-lowest lint docs notebooks bench mnist table-3-1 clean

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "$(PYTHON) is older than 3.10; give another: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python setup.cfg setup.py pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

.venv/installed-docs: .venv/installed
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

.venv/installed-experiments: .venv/installed
	$(BIN)/pip install --quiet --editable '.[experiments]'
	touch $@

.venv/installed-bench: .venv/installed
	$(BIN)/pip install --quiet --editable '.[bench]'
	touch $@

# --- the main job on drawn images -----------------------------------------------------------
DEMO := $(QUIET) --trainer.logger.init_args.version=

demo: .venv/installed
	rm -rf runs/demo
	$(UNLEARNABLE) fit -c configs/demo/noise.yaml $(DEMO)
	for data in clean poisoned; do \
	  noise=$$(test $$data = poisoned && echo --data.noise runs/demo/noise/noise.safetensors); \
	  run="-c configs/demo/train.yaml $(DEMO) --trainer.logger.init_args.name demo/$$data"; \
	  $(UNLEARNABLE) fit $$run $$noise && \
	  $(UNLEARNABLE) test $$run --ckpt_path runs/demo/$$data/checkpoints/last.ckpt || exit 1; \
	done
	$(BIN)/python -m unlearnable_lightning.report runs/demo
	@echo "Clean, noise and poisoned images: runs/demo/noise/noise.png"
	@echo
	@echo "Where to go next (. .venv/bin/activate puts the command unlearnable on your path):"
	@echo "  unlearnable configs                               every noise, defence and training"
	@echo "  unlearnable fit -c demo/noise.yaml --model.epsilon 4/255    the same with less noise"
	@echo "  unlearnable fit -c noise/cifar10_samplewise.yaml  real images; downloads CIFAR-10"
	@echo "  notebooks/01_make_images_unlearnable.ipynb        step by step, with pictures"
	@echo "  docs/limits.md                                    what undoes the noise"

# --- the thesis's experiments ----------------------------------------------------------------
PROFILE ?= laptop
ROWS ?= all
CORES ?= all

# no lock, which a killed run would leave behind: each run's folder has one that the system lifts
SNAKEMAKE = $(BIN)/snakemake -s experiments/Snakefile --configfile experiments/profiles/$(1).yaml \
  --config 'data=$(DATA)' rows=$(ROWS) --cores $(CORES) --nolock --rerun-incomplete --keep-going \
  --quiet rules --show-failed-logs

results: .venv/installed-experiments
	$(call SNAKEMAKE,$(PROFILE))

leaderboard: .venv/installed-experiments
	$(call SNAKEMAKE,leaderboard-$(PROFILE))

# --- real MNIST -----------------------------------------------------------------------------
DIGITS := $(QUIET) --data.root $(DATA) --trainer.logger.init_args.version=
TABLE_3_1 := $(foreach t,clean fgsm pgd pgd_step_0.01,runs/mnist/table_3_1/$t/test.json)
POISONED := $(foreach k,samplewise classwise,$(foreach e,8_255 0.1 0.3,runs/mnist/$k_$e/test.json))

mnist: runs/mnist/few_images/test.json $(POISONED)
	$(BIN)/python -m unlearnable_lightning.report runs/mnist

table-3-1: $(TABLE_3_1)
	$(BIN)/python -m unlearnable_lightning.report runs/mnist/table_3_1

$(DATA)/MNIST/raw/train-images-idx3-ubyte: | .venv/installed
	$(BIN)/python -c "from unlearnable_lightning import MNISTDataModule as D; D('$(DATA)').prepare_data()"

# $1 name of the run, $2 config, $3 further arguments
digits = -c configs/train/mnist_$2.yaml $(DIGITS) --trainer.logger.init_args.name mnist/$1 $3
last = runs/mnist/$1/checkpoints/last.ckpt
digits_run = $(UNLEARNABLE) fit $(digits) $(addprefix --ckpt_path ,$(wildcard $(last))) && \
  $(UNLEARNABLE) test $(digits) --ckpt_path $(last)

# PGD with the step of the thesis's code, with that of its text, and with enough of these
ATTACKS := --model.test_attacks '[fgsm, {class_path: pgd, init_args: {step_size: 0.03}}, \
  {class_path: pgd, init_args: {step_size: 0.01}}, \
  {class_path: pgd, init_args: {step_size: 0.01, steps: 40}}]'
# FGSM training: epochs before and after it has overfitted
OF_fgsm := --model.best_by '[clean, epoch_1, epoch_2, epoch_3, epoch_5]'
OF_pgd_step_0.01 := --model.step_size 0.01

$(TABLE_3_1): runs/mnist/table_3_1/%/test.json: | $(DATA)/MNIST/raw/train-images-idx3-ubyte
	$(call digits_run,table_3_1/$*,$(firstword $(subst _, ,$*)),$(ATTACKS) $(OF_$*) $(MORE))

FEW := --data.train_subset 2000 --trainer.max_epochs 15 --trainer.limit_test_batches 16

runs/mnist/few_images/test.json: | $(DATA)/MNIST/raw/train-images-idx3-ubyte
	$(call digits_run,few_images,clean,$(FEW))

# $1 kind, $2 epsilon with _ for /
define digits_noise
runs/mnist/$1_$2/noise/noise.safetensors: | $(DATA)/MNIST/raw/train-images-idx3-ubyte
	rm -rf $$(@D)
	$(UNLEARNABLE) fit -c configs/noise/mnist_$1.yaml $(DIGITS) --model.epsilon $(subst _,/,$2) \
	  --model.stop_error null --data.train_subset 2000 --trainer.max_epochs 5 \
	  --trainer.logger.init_args.name mnist/$1_$2/noise
runs/mnist/$1_$2/test.json: runs/mnist/$1_$2/noise/noise.safetensors
	$$(call digits_run,$1_$2,clean,$(FEW) --data.noise $$<)
endef
$(foreach k,samplewise classwise,$(foreach e,8_255 0.1 0.3,$(eval $(call digits_noise,$k,$e))))

# --- checks ---------------------------------------------------------------------------------
lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/installed-docs
	$(BIN)/python -m website build/website
	$(BIN)/zensical build --strict -f build/website/mkdocs.yml
	rm -rf site && mv build/website/site site

notebooks: .venv/installed-test
	$(BIN)/python -m website.run_notebooks

bench: .venv/installed-bench
	UNLEARNABLE_DATA=$(if $(wildcard $(DATA)/cifar10.npz),$(abspath $(DATA))) \
	  $(BIN)/python -m benchmarks

test: lint
	$(BIN)/pytest -n 2 --dist worksteal -m 'not slow'

test-all: lint docs
	$(BIN)/pytest -n 2 --dist worksteal

.venv-lowest/installed: setup.cfg setup.py .ci/lowest.py
	$(PYTHON) -m venv .venv-lowest
	$(PYTHON) .ci/lowest.py > .venv-lowest/lowest.txt
	.venv-lowest/bin/pip install --quiet -c .venv-lowest/lowest.txt --editable '.[test]'
	touch $@

test-lowest: .venv-lowest/installed
	.venv-lowest/bin/pytest -n 2 --dist worksteal -m 'not slow'

clean:
	rm -rf .venv .venv-lowest build site *.egg-info runs/demo
