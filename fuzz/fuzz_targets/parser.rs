//! The parser that the variable `SIMGAN_PARSER` names.

#![no_main]

use std::sync::LazyLock;

use simgan::fuzzing::{Parser, parsers};

static PARSER: LazyLock<Parser> = LazyLock::new(|| {
    let name = std::env::var("SIMGAN_PARSER").expect("SIMGAN_PARSER names a parser");
    let found = parsers().into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no parser called {name}")).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = PARSER(bytes);
});
