//! The rules that keep the workspace readable, checked by machine.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const ADAPTERS: [&str; 5] = [
    "commonroom-originchats",
    "commonroom-chatgrid",
    "commonroom-barertc",
    "commonroom-together",
    "commonroom-peerjs",
];
/// Crates that know no clock, random source, thread or socket.
const PURE: [&str; 8] = ["core", "hub", "media", "originchats", "chatgrid", "barertc", "together", "peerjs"];
/// Lines of a source file.
const LINES: usize = 500;
/// Licences that may stand in the tree.
const LICENCES: [&str; 14] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "0BSD",
    "Unlicense",
    "MPL-2.0",
    "MPL-2.0+",
    "CC0-1.0",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

fn metadata() -> Value {
    // Only what is built here: crates for other platforms need not be on this machine.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &platform])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

fn sources(extension: &str) -> Vec<(PathBuf, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    listed
        .lines()
        .filter(|path| Path::new(path).extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some((PathBuf::from(path), std::fs::read_to_string(root().join(path)).ok()?)))
        .collect()
}

/// What each of our crates depends on, except for its tests.
fn dependencies() -> Vec<(String, BTreeSet<String>)> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .filter(|package| text(package, "name").starts_with("commonroom-"))
        .map(|package| {
            let wanted = package["dependencies"].as_array().expect("dependencies");
            let names =
                wanted.iter().filter(|wanted| wanted["kind"].is_null()).map(|wanted| text(wanted, "name"));
            (text(package, "name").to_owned(), names.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn adapters_know_no_other_adapter_no_socket_and_no_sql() {
    let dependencies = dependencies();
    for adapter in ADAPTERS {
        let (_, wanted) =
            dependencies.iter().find(|(name, _)| name == adapter).expect("the adapter is there");
        for banned in ADAPTERS.iter().copied().chain([
            "rusqlite",
            "mio",
            "socket2",
            "commonroom-store-sqlite",
            "commonroom-websocket",
            "commonroom-server",
        ]) {
            assert!(!wanted.contains(banned), "{adapter} depends on {banned}");
        }
    }
}

#[test]
fn sql_stays_in_the_store_and_protocols_out_of_the_core() {
    for (name, wanted) in dependencies() {
        let store = name.starts_with("commonroom-store-");
        assert!(store || !wanted.contains("rusqlite"), "{name} depends on rusqlite");
        if name == "commonroom-core" {
            let ours: Vec<_> = wanted.iter().filter(|wanted| wanted.starts_with("commonroom-")).collect();
            assert!(ours.is_empty(), "the core depends on {ours:?}");
            for banned in ["serde_json", "axum", "tokio", "http"] {
                assert!(!wanted.contains(banned), "the core depends on {banned}");
            }
        }
        if name == "commonroom-media" {
            let ours: Vec<_> = wanted.iter().filter(|wanted| wanted.starts_with("commonroom-")).collect();
            assert!(ours.is_empty(), "the crate of pictures depends on {ours:?}");
        }
        if name == "commonroom-hub" {
            for banned in ADAPTERS.iter().copied().chain(["axum", "mio", "serde_json"]) {
                assert!(!wanted.contains(banned), "the hub depends on {banned}");
            }
        }
    }
}

#[test]
fn other_servers_are_asked_in_one_place() {
    for (name, wanted) in dependencies() {
        let outbound = name == "commonroom-outbound";
        assert!(outbound || !wanted.contains("reqwest"), "{name} depends on reqwest");
        let ours: Vec<_> = wanted.iter().filter(|wanted| wanted.starts_with("commonroom-")).collect();
        assert!(!outbound || ours.is_empty(), "{name} depends on {ours:?}");
        let server = name == "commonroom-server";
        assert!(server || !wanted.contains("commonroom-outbound"), "{name} asks other servers");
    }
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let listed = manifest.split("[workspace.dependencies]").nth(1).expect("a list of dependencies");
    for line in listed.lines().take_while(|line| !line.starts_with('[')) {
        let ours = line.starts_with("commonroom-");
        let entry = line.contains(" = ") && !line.starts_with('#');
        assert!(!entry || ours || line.contains(" # "), "no reason: {line}");
    }
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().expect("packages") {
        if !text(package, "name").starts_with("commonroom-") {
            continue;
        }
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let folder = manifest.parent().expect("a folder").strip_prefix(root()).expect("inside").to_owned();
        let own: String = sources("rs")
            .into_iter()
            .filter(|(path, _)| path.starts_with(&folder))
            .map(|(_, source)| source)
            .collect();
        for wanted in package["dependencies"].as_array().expect("dependencies") {
            let name = text(wanted, "name").replace('-', "_");
            assert!(own.contains(&name), "{} does not use {name}", text(package, "name"));
        }
    }
}

#[test]
fn licences_are_free() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().expect("packages") {
        let licence = text(package, "license");
        let terms = licence.replace(['(', ')'], " ").replace('/', " OR ");
        let free = terms.split(" OR ").any(|choice| {
            choice.split(" AND ").all(|term| {
                let term = term.trim().split(" WITH ").next().unwrap_or("").trim();
                LICENCES.contains(&term)
            })
        });
        assert!(free, "{} has the licence {licence:?}", text(package, "name"));
    }
}

#[test]
fn files_hold_one_thing() {
    for (path, source) in sources("rs") {
        let lines = source.lines().count();
        assert!(lines <= LINES, "{} has {lines} lines: does it still hold one thing?", path.display());
    }
}

#[test]
fn pure_crates_ban_clocks_chance_and_threads() {
    let root = root();
    let model = std::fs::read_to_string(root.join("crates/core/clippy.toml")).expect("the core's bans");
    for ban in [
        "Instant::now",
        "SystemTime::now",
        "Uuid::new_v4",
        "thread::spawn",
        "tokio::spawn",
        "mpsc::channel",
        "unbounded_channel",
    ] {
        assert!(model.contains(ban), "the core does not ban {ban}");
    }
    for name in PURE {
        let own = std::fs::read_to_string(root.join("crates").join(name).join("clippy.toml")).expect("bans");
        assert_eq!(own, model, "crates/{name}/clippy.toml differs from the core's");
    }
}

#[test]
fn no_test_is_passed_over() {
    // Written in pieces, so that this file does not find itself.
    let marks = [
        ["#[ig", "nore"].concat(),
        ["todo", "!("].concat(),
        ["unimple", "mented!("].concat(),
        ["thread::sl", "eep"].concat(),
    ];
    for (path, source) in sources("rs") {
        let in_tests = path.components().any(|part| part.as_os_str() == "tests");
        for (index, mark) in marks.iter().enumerate() {
            let sleeps = index == 3;
            let binary = path.starts_with("crates/server/tests") || path.starts_with("bench");
            assert!(
                !(source.contains(mark.as_str()) && (!sleeps || (in_tests && !binary))),
                "{} has {mark}",
                path.display()
            );
        }
    }
}

#[test]
fn transcripts_cite_the_spec() {
    let wires = sources("wire");
    assert!(!wires.is_empty(), "no transcript was found");
    for (path, transcript) in wires {
        let first = transcript.lines().next().unwrap_or("");
        assert!(
            first.starts_with('#') && first.contains(".md"),
            "{} cites no section: {first}",
            path.display()
        );
    }
}

#[test]
fn the_architecture_names_files_that_exist() {
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page is there");
    let path = page
        .split("## The path of one message")
        .nth(1)
        .and_then(|rest| rest.split("##").next())
        .expect("the path");
    let named: Vec<&str> = path.split('`').filter(|word| word.starts_with("crates/")).collect();
    assert!(named.len() >= 7, "the path of a message names {} files", named.len());
    for name in named {
        assert!(root().join(name).exists(), "{name} is not there");
    }
    for entry in std::fs::read_dir(root().join("crates")).expect("crates") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(page.contains(&format!("`{name}`")), "the page does not name the crate {name}");
    }
}

#[test]
fn the_readme_has_two_commands() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the page is there");
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(commands, ["make run", "make test"]);
    let ci = std::fs::read_to_string(root().join(".ci/run")).expect("the script is there");
    assert!(ci.contains("make test"));
}
