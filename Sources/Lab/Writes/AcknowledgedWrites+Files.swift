import Redis

// What a node's files have of the writes: a snapshot what its process had at the fork, an append-only file what was
// appended to it, as far as it goes.

extension AcknowledgedWrites {
  /// - Parameters:
  ///   - now: the process; nil where there is none any more, and its last state tells of the files.
  ///   - added: what has come to be in memory with this step.
  mutating func noteFiles(
    of machine: Int, _ now: ProcessState?, _ before: ProcessState?, _ added: RangeSet<Int>, _ step: Step, _ world: World
  ) {
    let disk = world.machines[machine].disk
    // Whoever holds on to what was appended has it copied at the next write.
    let had = holders[machine].files.filter { if case .whole = $0.value { true } else { false } }
    if let state = now ?? before {
      renameIncrement(of: machine, state, disk)
      // A turn of the timer sees that a child is done; whoever else ends one has what he writes from memory.
      let isReaped = if case .command = step.cause { false } else { now != nil }
      // So is what comes from a master: who ends in the middle of that, or is told to save, writes what he has himself.
      let isTransferred = isReaped && before?.state == .transfer
      noteSnapshot(
        of: machine, state, before, wasForked: isReaped && now?.child != before?.child, isTransferred: isTransferred,
        world)
      noteAppendOnly(of: machine, state, before, added, disk)
    }
    for (name, holding) in holders[machine].files.sorted(by: { $0.key < $1.key }) {
      guard let file = disk.files[name] else {
        holders[machine].files[name] = nil
        depart(machine, holding.writes(upTo: .max), .fileDeleted, file: name)
        continue
      }
      if case .appended(var appended) = holding, appended.end > file.bytes.count, now == nil {
        // What the process had still to write goes with it, and what was written is lost with the power.
        let lost = appended.writes.subtracting(appended.writes(upTo: file.bytes.count))
        appended.cut(to: file.bytes.count)
        holders[machine].files[name] = .appended(appended)
        depart(machine, lost, world.machines[machine].hasPower ? .processEnded(isKilled: true) : .powerLost, file: name)
      }
    }
    for (name, old) in had.sorted(by: { $0.key < $1.key }) {
      guard case .whole(let writes, _, _, _) = old, case .whole(let others, _, _, _)? = holders[machine].files[name]
      else {
        continue
      }
      depart(machine, writes.subtracting(others), .fileReplaced, file: name)
    }
  }

  private mutating func noteSnapshot(
    of machine: Int, _ state: ProcessState, _ before: ProcessState?, wasForked: Bool, isTransferred: Bool,
    _ world: World
  ) {
    guard let file = world.machines[machine].disk.files[state.snapshot], isAnother(file, state.snapshot, machine)
    else { return }
    let content: RangeSet<Int> =
      if let before, before.child != nil, !before.isRewriting, wasForked {
        holders[machine].forked
      } else if let before, isTransferred {
        data(at: before.announced, before.master, world)
      } else {
        holders[machine].memory
      }
    holders[machine].files[state.snapshot] = .whole(
      content, edition: file.edition, count: file.bytes.count, isBase: false)
  }

  private mutating func noteAppendOnly(
    of machine: Int, _ state: ProcessState, _ before: ProcessState?, _ added: RangeSet<Int>, _ disk: Disk
  ) {
    if let base = state.base, let file = disk.files[base], isAnother(file, base, machine) {
      let isRewritten = before?.isRewriting == true
      let content = isRewritten ? holders[machine].forked : holders[machine].memory
      holders[machine].files[base] = .whole(content, edition: file.edition, count: file.bytes.count, isBase: true)
    }
    // The first increment is always called the same before it gets its name, and begun anew.
    if let name = state.increment, name.contains("temp-"), before?.increment != name {
      holders[machine].files[name] = .appended(AppendedWrites())
    }
    for name in state.increments + [state.increment].compactMap(\.self) where disk.files[name] != nil {
      if holders[machine].files[name] == nil { holders[machine].files[name] = .appended(AppendedWrites()) }
    }
    guard !added.isEmpty, let name = state.increment else { return }
    holders[machine].append(added, to: name, end: (disk.files[name]?.bytes.count ?? 0) + state.unwritten)
  }

  /// The increment of a first rewrite gets its name when that is over (`temp-…`).
  private mutating func renameIncrement(of machine: Int, _ state: ProcessState, _ disk: Disk) {
    guard let new = state.increments.last, holders[machine].files[new] == nil, disk.files[new] != nil else { return }
    for (name, holding) in holders[machine].files where disk.files[name] == nil {
      guard case .appended = holding, name.contains("temp-") else { continue }
      holders[machine].files[name] = nil
      holders[machine].files[new] = holding
    }
  }

  /// The file was written since it was last looked at.
  private func isAnother(_ file: Disk.File, _ name: String, _ machine: Int) -> Bool {
    guard case .whole(_, let edition, let count, _)? = holders[machine].files[name] else { return true }
    return edition != file.edition || count != file.bytes.count
  }
}
