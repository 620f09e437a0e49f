//! What the grid remembers over the end of the process, orderly or not (chatgrid.md 4.1, 4.3, 8; defects 5, 17 and 24).

use commonroom_testkit::binary::Binary;
use commonroom_testkit::play;
use std::path::Path;
use std::time::Duration;

const BEFORE: &str = r#"
owner olga secret-password
olga = chatgrid /ws
olga > {"type":"auth_login","username":"olga","password":"secret-password"}
olga ? {"type":"welcome","id":$olga,...}
olga > {"type":"teleport_complete","x":20,"y":20}
olga ? {"type":"update_position","id":$olga,"x":20,"y":20}
olga > {"type":"update_position","x":21,"y":20}
olga ? {"type":"update_position","id":$olga,"x":21,"y":20}
olga > {"type":"admin_role_delete","role":"moderator","replacementRole":"user"}
olga ? {"type":"admin_action_result","ok":true,"action":"role_delete","message":"Deleted role moderator; reassigned 0 users to user."}
olga > {"type":"admin_role_update_permissions","role":"guest","permissions":[]}
olga ? {"type":"admin_action_result","ok":true,...}
"#;

const AFTER: &str = r#"
olga = chatgrid /ws
olga > {"type":"auth_login","username":"olga","password":"secret-password"}
olga ? {"type":"welcome","player":{"x":21,"y":20,...},...}
olga > {"type":"admin_roles_list"}
olga ? {"type":"admin_roles_list","roles":[{"name":"admin",...},{"name":"user",...},{"name":"guest","permissions":[],...}],...}
"#;

#[test]
fn a_step_just_made_is_kept_and_deleted_roles_stay_deleted() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("grid-restart-{}", std::process::id()));
    let program = Path::new(env!("CARGO_BIN_EXE_commonroom"));
    let mut binary = Binary::start(program, &data, "").unwrap_or_else(|error| panic!("{error}"));
    play(&mut binary, BEFORE).unwrap_or_else(|why| panic!("{why}"));
    assert!(binary.terminate(Duration::from_secs(15)), "it ends well");
    drop(binary);
    let mut binary = Binary::start(program, &data, "").unwrap_or_else(|error| panic!("{error}"));
    play(&mut binary, AFTER).unwrap_or_else(|why| panic!("{why}"));
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}

const CARRYING: &str = r#"
ann = chatgrid /ws
ann > {"type":"auth_register","username":"ann","password":"password1"}
ann ? {"type":"welcome","id":$ann,...}
ann > {"type":"item_add","itemType":"dice"}
ann ? {"type":"item_action_result","ok":true,"action":"add","itemId":$dice,...}
ann > {"type":"item_pickup","itemId":"$dice"}
ann ? {"type":"item_action_result","ok":true,"action":"pickup",...}
ann > {"type":"teleport_complete","x":7,"y":8}
ann ? {"type":"update_position","id":$ann,"x":7,"y":8}
ann > {"type":"item_add","itemType":"wheel"}
ann ? {"type":"item_action_result","ok":true,"action":"add",...}
"#;

const KILLED: &str = r#"
ben = chatgrid /ws
ben > {"type":"auth_register","username":"ben","password":"password1"}
ben ? {"type":"welcome","id":$ben,"items":[{"id":$dice,"type":"dice","x":7,"y":8,"display":{"carrierId":"none",...},...},{"type":"wheel","x":7,"y":8,...}],...}
"#;

#[test]
fn what_was_carried_when_the_process_was_killed_is_free_where_its_carrier_was_stored() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("grid-killed-{}", std::process::id()));
    let program = Path::new(env!("CARGO_BIN_EXE_commonroom"));
    let mut binary = Binary::start(program, &data, "").unwrap_or_else(|error| panic!("{error}"));
    play(&mut binary, CARRYING).unwrap_or_else(|why| panic!("{why}"));
    binary.kill_and_restart().unwrap_or_else(|error| panic!("{error}"));
    play(&mut binary, KILLED).unwrap_or_else(|why| panic!("{why}"));
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}
