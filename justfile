# The commands one needs: `just NAME`.

# What has to pass before a commit is sent.
ci:
    .ci/run

# Tests; `just test --lib -- refine` runs some.
test *ARGS:
    cargo test --release --locked --workspace {{ARGS}}

# Format and lints.
lint:
    cargo fmt --all
    cargo clippy --release --locked --workspace --all-targets -- -D warnings

# The documentation of the library, opened in a browser.
doc:
    cargo doc --release --locked --workspace --no-deps --open

# Times the parts of a training; `just bench --peer pytorch` beside PyTorch.
bench *ARGS:
    cargo run --release --locked -p simgan-lab -- bench {{ARGS}}
