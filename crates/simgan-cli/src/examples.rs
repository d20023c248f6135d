//! Examples at the end of every command's help. A test parses each of them.

macro_rules! examples {
    ($($name:ident: $($line:literal),+;)+) => {
        $(
            pub const $name: &str = concat!("Examples:", $("\n  ", $line),+);
        )+
    };
}

examples! {
    SIMULATE:
        "simgan simulate eyes --count 3000 --out synthetic",
        "simgan simulate camera --count 3000 --seed 2 --set 'eyes.gaze_yaw=[-20,20]' --out photographs";
    INIT:
        "simgan init --synthetic synthetic --real photographs",
        "simgan init --synthetic synthetic --real photographs --out hands.toml";
    FRAME:
        "simgan frame --config gaze --synthetic synthetic --real photographs";
    TRAIN:
        "simgan train --config gaze --synthetic synthetic --real photographs --out run",
        "simgan train --config gaze --synthetic synthetic --real 'photographs[:80%]' --out run --steps 600",
        "simgan train --config gaze --synthetic synthetic --real photographs --dry-run    # what would it take?",
        "simgan train --resume --out run";
    REFINE:
        "simgan refine --run run --input synthetic --out refined",
        "simgan refine --run run --input scans --out refined-scans --full-size",
        "simgan refine --run run --input synthetic --out refined --format webdataset --shard 1/4";
    FIT:
        "simgan fit gaze --run run --data refined --out model",
        "simgan fit --task column:tip_x,tip_y --data synthetic --out model";
    EVALUATE:
        "simgan evaluate --model model --data 'photographs[80%:]'";
    PREDICT:
        "simgan predict --model model --data photographs --out answers.csv";
    COMPARE:
        "simgan compare gaze --run run --synthetic synthetic --real-test 'photographs[80%:]' --out compared",
        "simgan compare gaze --both --run run --synthetic synthetic --real-test photographs --out compared";
    JUDGE:
        "simgan judge --run run --synthetic synthetic --real 'photographs[80%:]'";
    TURING:
        "simgan turing --run run --real photographs               # a page on this machine, until Ctrl-C",
        "simgan turing --run run --real photographs --out page    # the page as a folder to hand on",
        "simgan turing --run run --add answers-1.json             # what people sent back",
        "simgan turing --run run --results                        # the statistics so far";
    ADVISE:
        "simgan advise gaze --run run --synthetic synthetic --real photographs";
    REPORT:
        "simgan report run",
        "simgan report run --out report.html";
    INSPECT:
        "simgan inspect synthetic",
        "simgan inspect run";
    CONFIG:
        "simgan config",
        "simgan config gaze > gaze.toml",
        "simgan config --schema > simgan.schema.json";
    VERIFY:
        "simgan verify run",
        "simgan verify refined";
    DEMO:
        "simgan demo",
        "simgan demo --out demo --seeds 1";
    COMPLETIONS:
        "simgan completions bash > ~/.local/share/bash-completion/completions/simgan";
    MAN:
        "simgan man | man -l -",
        "simgan man --out man1";
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::cli::Cli;

    /// The words of a line, as a shell would split it, up to a comment, pipe or redirection.
    fn words(line: &str) -> Vec<String> {
        let plain = line.split([' ']).filter(|word| !word.is_empty());
        let command = plain.take_while(|word| !["#", "|", ">"].contains(word));
        command.map(|word| word.replace('\'', "")).collect()
    }

    #[test]
    fn every_command_has_examples_that_parse() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let lines: Vec<&str> = help
                .lines()
                .filter(|line| line.starts_with("  simgan "))
                .collect();
            assert!(!lines.is_empty(), "{}: {help}", command.get_name());
            for line in lines {
                let parsed = Cli::try_parse_from(words(line));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }
}
