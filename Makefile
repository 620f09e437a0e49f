# Two commands matter: `make run` and `make test`. Each sets up what it needs first.
CARGO ?= cargo

.PHONY: run demo test bench setup fmt

run: setup
	@echo "To see a furnished community instead: make demo"
	$(CARGO) run --release --bin commonroom -- serve

demo: setup
	$(CARGO) run --release --bin commonroom -- demo

test: setup
	scripts/test

bench: setup
	$(CARGO) build --release --bin commonroom
	$(CARGO) run --release -p commonroom-bench -- --server target/release/commonroom

fmt:
	$(CARGO) fmt --all

setup:
	@scripts/setup
