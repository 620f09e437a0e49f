//! BareRTC's settings on the real binary: read again from the file, logs written to it, and what outlives a restart
//! (barertc.md 5.17, 7.3, 10.1, 14.19; 13 D9, D19, D20).

use commonroom_testkit::binary::Binary;
use commonroom_testkit::play;
use commonroom_testkit::stage::Stage as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BEFORE: &str = r#"
olga = barertc /ws
olga > {"action":"login","jwt":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvbGdhIiwib3AiOnRydWV9.cUOi83O2LHEv_ARhMF0VYGLMzU5xnmXm3-8DXkJGi3w"}
olga ? {"action":"error","channel":"lobby","username":"ChatServer","message":"<p>old words</p>"}
olga > {"action":"message","channel":"lobby","message":"hello\nall"}
olga ? {"action":"message","channel":"lobby","username":"olga",...}
http barertc POST /api/blocklist [content-type: application/json] {"APIKey":"a key of the website","Username":"ann","Blocklist":["bob"]} -> 200 {"OK":true}
"#;

const CHANGED: &str = r#"
olga > {"action":"message","message":"/reconfigure"}
olga ? {"action":"error","username":"ChatServer","message":"The configuration of this chat room has been read again. What stands outside of its own table takes effect when the server starts. So do the changes of: <code>cors_hosts</code>."}
ann = barertc /ws
ann > {"action":"login","username":"ann"}
ann ? {"action":"error","channel":"lobby","username":"ChatServer","message":"<p>new words</p>"}
olga > {"action":"message","channel":"news","message":"a channel that was made"}
ann ? {"action":"message","channel":"news","username":"olga","message":"<p>a channel that was made</p>","msgID":_}
olga > {"action":"message","message":"/ban ann 1"}
ann ? {"action":"disconnect"}
"#;

const AFTER: &str = r#"
ann = barertc /ws
ann > {"action":"login","username":"ANN"}
ann < {"action":"error","username":"ChatServer","message":_}
ann < {"action":"disconnect"}
ann <close 1000
"#;

const MISTAKEN: &str = r#"
olga > {"action":"message","message":"/reconfigure"}
olga ? {"action":"error","username":"ChatServer","message":"Error: the configuration has a mistake, of which the server's log tells, so nothing has changed."}
bob = barertc /ws
bob > {"action":"login","username":"bob"}
bob ? {"action":"error","channel":"lobby","username":"ChatServer","message":"<p>new words</p>"}
"#;

fn settings(client: &Path, words: &str, more: &str) -> String {
    format!(
        "[barertc]\nclient_dir = \"{}\"\njwt_secret = \"a secret of the website, for tests only\"\n\
         jwt.strict = false\napi_key = \"a key of the website\"\nlogging.enabled = true\n\
         logging.channels = [\"lobby\"]\n{more}\n\
         [[barertc.channels]]\nid = \"lobby\"\nwelcome_messages = [\"{words} words\"]\n",
        client.display()
    )
}

fn client(data: &Path) -> PathBuf {
    let client = data.join("client");
    std::fs::create_dir_all(&client).expect("a folder");
    std::fs::write(client.join("index.html"), "const CachedBlocklist = {{.CachedBlocklist}};")
        .expect("a page");
    client
}

/// The page that a token's owner is served.
fn page(binary: &mut Binary) -> String {
    // {"sub":"ann"}
    let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.b7Sj__jGPHN-0dJrbE0U4kO9vB9OmXg_VKIQLX75NzU";
    let answer = binary.http("barertc", "GET", &format!("/?jwt={token}"), &[], b"").expect("a page");
    String::from_utf8(answer.body).expect("text")
}

#[test]
fn the_file_is_read_again_what_is_said_is_logged_and_block_lists_stay() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("barertc-{}", std::process::id()));
    let program = Path::new(env!("CARGO_BIN_EXE_commonroom"));
    let client = client(&data);
    let mut binary = Binary::start(program, &data, &settings(&client, "old", ""))
        .unwrap_or_else(|error| panic!("{error}"));
    let file = data.join("test.toml");
    let play_with = |binary: &mut Binary, text: Option<String>, script: &str| {
        if let Some(text) = text {
            std::fs::write(&file, text).expect("written");
        }
        play(binary, script).unwrap_or_else(|why| panic!("{why}"));
    };
    play_with(&mut binary, None, BEFORE);
    let news = "[[barertc.channels]]\nid = \"news\"\n";
    let changed = settings(&client, "new", "cors_hosts = [\"https://a.example\"]") + news;
    play_with(&mut binary, Some(changed.clone()), CHANGED);
    play_with(&mut binary, Some(changed + "nonsense = 1\n"), MISTAKEN);
    assert!(page(&mut binary).contains(r#"["bob"]"#));
    let log = std::fs::read_to_string(data.join("barertc-logs/lobby.txt")).expect("a log");
    assert!(log.ends_with("Z [olga] hello all\n") && log.lines().count() == 1, "{log}");
    assert!(binary.terminate(Duration::from_secs(15)), "it ends well");
    drop(binary);
    let mut binary = Binary::start(program, &data, &settings(&client, "old", ""))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(page(&mut binary).contains(r#"["bob"]"#), "a restart keeps it");
    play(&mut binary, AFTER).unwrap_or_else(|why| panic!("{why}"));
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}
