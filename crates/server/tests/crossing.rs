//! The crossing: every ordered pair of protocols in one room, in process and on the built binary.

use commonroom_testkit::binary::Binary;
use commonroom_testkit::{World, play_file, transcripts};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crossing");

fn world() -> World {
    let mut world = World::new();
    let (setup, gateway) = (world.setup(), world.gateway());
    let oc = commonroom_originchats::Config::default();
    world.mount(
        "originchats",
        commonroom_originchats::adapter(oc.clone(), setup.clone()),
        commonroom_originchats::router(oc, setup.clone(), gateway.clone()),
    );
    let cg = commonroom_chatgrid::Config::default();
    world.mount(
        "chatgrid",
        commonroom_chatgrid::adapter(cg.clone(), setup.clone()),
        commonroom_chatgrid::router(cg, setup.clone(), gateway.clone()),
    );
    let br = commonroom_barertc::Config::default();
    world.mount(
        "barertc",
        commonroom_barertc::adapter(br.clone(), setup.clone()),
        commonroom_barertc::router(br, setup.clone(), gateway.clone()),
    );
    let to = commonroom_together::Config::default();
    world.mount(
        "together",
        commonroom_together::adapter(to.clone(), setup.clone()),
        commonroom_together::router(to, setup, gateway),
    );
    world
}

#[test]
fn in_process() {
    for path in transcripts(FOLDER, 1) {
        play_file(&mut world(), &path).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn on_the_binary() {
    for path in transcripts(FOLDER, 1) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let data =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crossing-{name}-{}", std::process::id()));
        let mut binary = Binary::start(Path::new(env!("CARGO_BIN_EXE_commonroom")), &data, "")
            .unwrap_or_else(|error| panic!("{error}"));
        play_file(&mut binary, &path).unwrap_or_else(|error| panic!("{error}"));
        drop(binary);
        std::fs::remove_dir_all(&data).expect("the place can go");
    }
}
