//! What the system tells of processes and sockets.

use anyhow::{Context as _, Result};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::path::Path;

/// `f_type` of a file system in memory (linux/magic.h).
const TMPFS: u64 = 0x0102_1994;

/// CPU seconds that a process has used, its own and the system's on its behalf.
///
/// # Errors
/// When it is gone.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    Ok(seconds(ticks(&stat, 2).context("/proc/<pid>/stat has another form")?))
}

/// User and system ticks: fields 14 and 15, counted after the name, which may contain blanks; with four fields also
/// those of children that have ended.
fn ticks(stat: &str, fields: usize) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().skip(11).take(fields).map(|field| field.parse::<u64>().ok()).sum()
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// CPU seconds that everybody else has used since the system started; right while this process has no living children.
///
/// # Errors
/// When the system does not tell.
pub fn others_cpu_seconds() -> Result<f64> {
    let own = std::fs::read_to_string("/proc/self/stat")?;
    let all = std::fs::read_to_string("/proc/stat")?;
    let own = ticks(&own, 4).context("/proc/self/stat has another form")?;
    let busy = busy_ticks(&all).context("/proc/stat has another form")?;
    Ok(seconds(busy.saturating_sub(own)))
}

/// All ticks but those idle, waiting for the disk, or already counted as user's (guests).
fn busy_ticks(stat: &str) -> Option<u64> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace().take(8);
    let ticks: Vec<u64> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(ticks.iter().sum::<u64>() - ticks.get(3)? - ticks.get(4)?)
}

/// Bytes of memory that a process holds.
///
/// # Errors
/// When it is gone.
pub fn resident_bytes(pid: u32) -> Result<f64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).context("the process is gone")?;
    let pages = statm.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    Ok((pages.context("/proc/<pid>/statm has another form")? * rustix::param::page_size() as u64) as f64)
}

/// Allows as many open files as the system lets us; returns how many.
pub fn raise_open_files() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused, the old limit stands, and it is returned.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// True when files there never reach a disk.
///
/// # Errors
/// When there is no such directory.
pub fn is_in_memory(path: &Path) -> Result<bool> {
    let system = rustix::fs::statfs(path).with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(u64::try_from(system.f_type).is_ok_and(|kind| kind == TMPFS))
}

/// One end of a loopback connection, as the kernel sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TcpEnd {
    /// Both directions are open.
    pub established: bool,
    /// Bytes that came and were not read.
    pub unread: u64,
}

/// The end at `local` of the connection to `remote` (ports on 127.0.0.1); `None` when there is none.
///
/// # Errors
/// When the table cannot be read.
pub fn tcp_end(local: u16, remote: u16) -> Result<Option<TcpEnd>> {
    let table = std::fs::read_to_string("/proc/net/tcp").context("/proc/net/tcp")?;
    Ok(table.lines().find_map(|line| tcp_line(line, local, remote)))
}

fn tcp_line(line: &str, local: u16, remote: u16) -> Option<TcpEnd> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let port = |field: &str| u16::from_str_radix(field.rsplit_once(':')?.1, 16).ok();
    if port(fields.next()?)? != local || port(fields.next()?)? != remote {
        return None;
    }
    let established = fields.next()? == "01";
    let unread = u64::from_str_radix(fields.next()?.split_once(':')?.1, 16).ok()?;
    Some(TcpEnd { established, unread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 31 4 3 20 0 5 0 100 1 2";
        assert_eq!((ticks(stat, 2), ticks(stat, 4)), (Some(281), Some(288)));
    }

    #[test]
    fn busy_is_all_but_idle_waiting_and_guests() {
        assert_eq!(busy_ticks("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 9"), Some(63));
        assert!(others_cpu_seconds().is_ok_and(|seconds| seconds > 0.0));
    }

    #[test]
    fn a_process_can_read_itself() {
        let own = std::process::id();
        assert!(cpu_seconds(own).is_ok_and(|seconds| seconds >= 0.0));
        assert!(resident_bytes(own).is_ok_and(|bytes| bytes > 100_000.0));
    }

    #[test]
    fn lines_of_the_table_of_sockets() {
        let line = "  12: 0100007F:1F90 0100007F:C350 01 00000000:00000A00 00:00000000 00000000 0 0 4711 1 0";
        let end = TcpEnd { established: true, unread: 0xa00 };
        assert_eq!(tcp_line(line, 8_080, 50_000), Some(end));
        assert_eq!(tcp_line(line, 50_000, 8_080), None);
        assert_eq!(tcp_line("  sl  local_address rem_address   st tx_queue", 1, 2), None);
    }
}
