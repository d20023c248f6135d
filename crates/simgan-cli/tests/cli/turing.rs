//! The visual Turing test: a served test played over HTTP, killed and continued; the page in a
//! folder; what is refused.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::{Scratch, TRAIN, plain, small, with};

/// Sizes of a test: 4 images of each side in a form.
const SIZES: [&str; 6] = ["--trials", "4", "--examples", "2", "--control", "2"];

/// A scratch folder with a run.
fn trained() -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 8);
    scratch.images("real", 8);
    scratch.succeed(&with(&TRAIN, &small(1)));
    scratch
}

/// A server at work; killed at the end.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(scratch: &Scratch, more: &[&str]) -> Self {
        let first = ["turing", "--run", "run", "--real", "real", "--port", "0"];
        let args: Vec<&str> = first.iter().chain(&SIZES).chain(more).copied().collect();
        let mut command = plain(&scratch.command(&args));
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = stderr.by_ref().map(Result::unwrap);
        let mut line = line.skip_while(|line| !line.contains("http://"));
        let line = line.next().expect("the server says its address");
        let address = line.split("http://").nth(1).unwrap();
        let address = address.split('/').next().unwrap().to_owned();
        // The rest of stderr must not fill its pipe.
        std::thread::spawn(move || stderr.for_each(drop));
        Self { child, address }
    }

    /// Status and body of a request.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        self.ask_as(&self.address, method, path, body)
    }

    fn ask_as(&self, host: &str, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let end = reply
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&reply[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, reply[end + 4..].to_vec())
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, reply) = self.ask(method, path, &body.to_string());
        (status, serde_json::from_slice(&reply).unwrap())
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as Ctrl-C does; its stdout.
    #[cfg(unix)]
    fn interrupt(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &id])
            .status();
        assert!(sent.unwrap().success());
        let mut text = String::new();
        let stdout = self.child.stdout.as_mut().unwrap();
        stdout.read_to_string(&mut text).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        text
    }
}

fn answer(round: &str, trial: usize) -> Value {
    json!({ "round": round, "trial": trial, "choice": "real", "milliseconds": 900 })
}

#[test]
#[cfg(unix)]
fn answers_survive_a_kill_and_are_counted() {
    let scratch = trained();
    let server = Server::start(&scratch, &[]);
    let (status, begun) = server.json("POST", "/api/sessions", &json!({ "subject": "Ann" }));
    assert_eq!(status, 201);
    let session = begun["session"].as_str().unwrap();
    let own = format!("/api/sessions/{session}");
    let answers = format!("{own}/answers");
    for trial in 0..3 {
        let (status, told) = server.json("POST", &answers, &answer("refined", trial));
        assert_eq!((status, &told["answered"]), (200, &json!(trial + 1)));
    }
    // As another tab would, and out of order.
    for wrong in [answer("refined", 2), answer("control", 0)] {
        let (status, told) = server.json("POST", &answers, &wrong);
        assert_eq!((status, &told["answered"]), (409, &json!(3)));
    }
    assert_eq!(
        server.json("GET", &format!("{own}/score"), &json!(null)).0,
        409
    );
    server.kill();

    let server = Server::start(&scratch, &[]);
    let (status, again) = server.json("GET", &own, &json!(null));
    assert_eq!((status, &again["answered"]), (200, &json!(3)));
    assert_eq!(again["rounds"], begun["rounds"]);
    for (round, trial) in [("refined", 3), ("control", 0), ("control", 1)] {
        let (status, _) = server.json("POST", &answers, &answer(round, trial));
        assert_eq!(status, 200);
    }
    let (_, score) = server.json("GET", &format!("{own}/score"), &json!(null));
    // All were taken for real, half of them are.
    assert_eq!(
        score["score"],
        json!([
            { "round": "refined", "right": 2, "all": 4 },
            { "round": "control", "right": 1, "all": 2 },
        ])
    );
    let table = server.interrupt();
    assert!(
        table.contains("| real    |           2 |                0 |\n| refined |"),
        "{table}"
    );
    let told = scratch.succeed(&["turing", "--run", "run", "--results", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["subjects"], &told["unfinished"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(told["rounds"][0]["confusion"]["made_as_real"], 2);
    assert_eq!(told["rounds"][0]["median_seconds"], 0.9);
    let lines = std::fs::read_to_string(scratch.path("run/turing/test/answers.csv")).unwrap();
    assert_eq!(lines.lines().count(), 7);
    assert!(lines.contains("1,Ann,0,refined,0,"));
    scratch.succeed(&["verify", "run"]);
}

#[test]
fn nothing_gives_an_image_away_and_bad_requests_are_refused() {
    let scratch = trained();
    let server = Server::start(&scratch, &[]);
    let (_, begun) = server.json("POST", "/api/sessions", &json!({ "subject": "" }));
    let mut lengths = Vec::new();
    for round in begun["rounds"].as_array().unwrap() {
        for src in round["trials"].as_array().unwrap() {
            let src = format!("/{}", src.as_str().unwrap());
            assert!(!src.contains("real") && !src.contains("refined"), "{src}");
            let (status, bytes) = server.ask("GET", &src, "");
            assert_eq!(status, 200);
            lengths.push(bytes.len());
        }
    }
    assert_eq!(lengths.len(), 6);
    assert!(
        lengths.iter().all(|length| *length == lengths[0]),
        "{lengths:?}"
    );

    let session = begun["session"].as_str().unwrap();
    let answers = format!("/api/sessions/{session}/answers");
    let long = format!("{{\"subject\":\"{}\"}}", "x".repeat(5000));
    let bad = [
        ("GET", "/nothing", "", 404),
        ("GET", "/../Cargo.toml", "", 404),
        ("DELETE", "/api/sessions", "", 405),
        ("GET", "/api/sessions/0123", "", 404),
        ("POST", "/api/sessions", "{", 400),
        ("POST", "/api/sessions", "{}", 422),
        ("POST", "/api/sessions", "{\"subject\":\"a\\nb\"}", 400),
        ("POST", "/api/sessions", &long, 413),
        (
            "POST",
            &answers,
            "{\"round\":\"refined\",\"trial\":-1,\"choice\":\"real\"}",
            422,
        ),
        (
            "POST",
            &answers,
            "{\"round\":\"refined\",\"trial\":0,\"choice\":\"maybe\"}",
            422,
        ),
        ("GET", &format!("/image/{session}/0/t99"), "", 404),
        ("GET", &format!("/image/{session}/9/t0"), "", 404),
        ("GET", &format!("/image/{session}/0/x"), "", 404),
        ("GET", &format!("/image/{session}/-1/t0"), "", 400),
    ];
    for (method, path, body, expected) in bad {
        let (status, reply) = server.ask(method, path, body);
        assert_eq!(
            status,
            expected,
            "{method} {path}: {}",
            String::from_utf8_lossy(&reply)
        );
    }
    // A page of another name, which a browser was told to look for here.
    assert_eq!(server.ask_as("example.org", "GET", "/", "").0, 421);
    server.kill();
}

/// Memory of the process in KiB, and its open files.
#[cfg(target_os = "linux")]
fn held(server: &Server) -> (usize, usize) {
    let process = format!("/proc/{}", server.child.id());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let memory = memory
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    let files = std::fs::read_dir(format!("{process}/fd")).unwrap().count();
    (memory, files)
}

#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_requests_leak_nothing() {
    let scratch = trained();
    let server = Server::start(&scratch, &["--no-machine"]);
    let (_, begun) = server.json("POST", "/api/sessions", &json!({ "subject": "" }));
    let src = begun["rounds"][0]["trials"][0].as_str().unwrap().to_owned();
    let session = begun["session"].as_str().unwrap();
    let answers = format!("/api/sessions/{session}/answers");
    let round = |count: usize| {
        for index in 0..count {
            let (path, status) = match index % 4 {
                0 => ("/", 200),
                1 => ("/nothing", 404),
                2 => (answers.as_str(), 405),
                _ => (src.as_str(), 200),
            };
            let path = format!("/{}", path.trim_start_matches('/'));
            assert_eq!(server.ask("GET", &path, "").0, status, "{path}");
        }
    };
    round(1000);
    let before = held(&server);
    round(9000);
    let after = held(&server);
    assert!(after.0 < before.0 + 8 * 1024, "{before:?} {after:?}");
    assert!(after.1 <= before.1 + 2, "{before:?} {after:?}");
    server.kill();
}

#[test]
fn a_page_in_a_folder_comes_back_as_answers() {
    let scratch = trained();
    let first = ["turing", "--run", "run", "--real", "real", "--out", "page"];
    let args: Vec<&str> = first.iter().chain(&SIZES).copied().collect();
    scratch.succeed(&with(&args, &["--forms".to_owned(), "2".to_owned()]));
    let form = std::fs::read_to_string(scratch.path("page/form-2.js")).unwrap();
    let form = form.trim().trim_start_matches("window.formLoaded(");
    let form: Value = serde_json::from_str(form.trim_end_matches(");")).unwrap();
    let text = form.to_string();
    assert!(
        !text.contains("refined/") && !text.contains(".png"),
        "no names"
    );
    let mut answers = Vec::new();
    for round in form["rounds"].as_array().unwrap() {
        let count = round["trials"].as_array().unwrap().len();
        let name = round["name"].as_str().unwrap();
        answers.extend((0..count).map(|trial| answer(name, trial)));
    }
    let file = json!({
        "test": form["test"], "subject": "Bo", "form": form["form"], "answers": answers,
    });
    std::fs::write(scratch.path("answers.json"), file.to_string()).unwrap();
    let add = ["turing", "--run", "run", "--add", "answers.json"];
    let table = scratch.succeed(&add);
    assert!(table.contains("1 subject has finished."), "{table}");
    insta::assert_snapshot!("answers_twice", scratch.run(&add));
    std::fs::write(scratch.path("answers.json"), "{}").unwrap();
    insta::assert_snapshot!("no_answers", scratch.run(&add));
}

#[test]
fn tests_that_cannot_be_are_refused() {
    let scratch = trained();
    let start = ["turing", "--run", "run", "--real", "real"];
    let run = |more: &[&str]| {
        let args: Vec<&str> = start.iter().chain(more).copied().collect();
        scratch.run(&args)
    };
    insta::assert_snapshot!("too_few_images", run(&[]));
    insta::assert_snapshot!("odd_trials", run(&["--trials", "3"]));
    insta::assert_snapshot!("wrong_name", run(&["--name", "../x"]));
    insta::assert_snapshot!(
        "no_test_yet",
        scratch.run(&["turing", "--run", "run", "--results"])
    );
    insta::assert_snapshot!("no_real_images", scratch.run(&["turing", "--run", "run"]));
}
