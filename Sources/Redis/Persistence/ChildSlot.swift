/// The one process that works for the node beside it (`child_type` and `child_pid` in Redis). Whoever needs one begins it
/// here, so there is never a second.
package struct ChildSlot: Equatable, Sendable {
  package private(set) var current: SnapshotChild?
  /// How many there have been: each has a process id of its own.
  package private(set) var count = 0

  /// fork(2), unless a child is there already (`redisFork` in server.c).
  ///
  /// - Parameter parent: the process id that the child's is counted from.
  /// - Returns: the child, or nil if there was one.
  mutating func fork(parent: Int, _ make: (_ process: Int) -> SnapshotChild) -> SnapshotChild? {
    guard current == nil else { return nil }
    count += 1
    current = make(parent + count)
    return current
  }

  /// Changes the child that there is, in place: a copy of what it writes would cost as much as the data.
  @discardableResult
  mutating func change<Result>(_ body: (inout SnapshotChild) -> Result) -> Result? {
    guard var child = current else { return nil }
    current = nil
    defer { current = child }
    return body(&child)
  }

  /// The child is gone (`resetChildState` in server.c).
  mutating func end() { current = nil }
}

extension Node {
  /// The process at work, whatever it does.
  package var child: SnapshotChild? { children.current }
  /// A process of the node's own is at work: one at a time (`hasActiveChildProcess` in server.c).
  var hasChild: Bool { children.current != nil }
  /// … and it writes a snapshot, whether into a file or to replicas.
  var snapshotChild: SnapshotChild? { child.flatMap { $0.target == .appendOnly ? nil : $0 } }
  /// … and it rewrites the append-only file.
  var rewriteChild: SnapshotChild? { child.flatMap { $0.target == .appendOnly ? $0 : nil } }
}
