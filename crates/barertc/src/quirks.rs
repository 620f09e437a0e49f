//! Where this server knowingly differs from, or goes beyond, what others do. Each with its reason and place in
//! `barertc.md`.

/// 5.9: a reaction with this number asks somebody to mark their camera explicit. No message has it.
pub const NUDGE: i64 = -451;

/// 5.17: operators by word of a site token have no rights in the core, so the server acts for them and writes their
/// name as the reason, after this.
pub const ACTED_BY: &str = "by ";

/// 4: clients show a nickname only of people with a profile page. Who has none gets this one.
pub const PROFILE_OF_NOBODY: &str = "/about";

/// Words of signals that stay between sessions of this protocol (the others are the wire's own).
pub mod words {
    /// [`super::NUDGE`]
    pub const NUDGE: &str = "nudge";
    /// A notice as HTML: to operators, or what an operator has done to somebody.
    pub const NOTICE: &str = "notice";
    /// 5.17: rights for this session, given or taken.
    pub const OP: &str = "op";
    /// 5.17
    pub const DEOP: &str = "deop";
    /// 5.17: the camera is explicit, says who.
    pub const EXPLICIT: &str = "explicit";
    /// 5.17: the camera is to go off.
    pub const CUT: &str = "cut";
    /// 5.17: everybody goes, with these last words.
    pub const OUT: &str = "out";
    /// 5.5
    pub const RING: &str = "ring";
}
