import Lab
import Views

/// Recordings at the prompt: `replay`.
extension Verb {
  static let recordingsVerbs: [Verb] = [
    Verb(
      name: "replay", family: .files, arguments: "[FILE [FILTER]]", summary: "step through a recorded transcript",
      details: """
        FILE is a capture file, or the text that tcpdump prints; FILTER is what tcpdump
        takes, as in 'port 7000'. The same verbs and views go through what was
        recorded, forwards and backwards; what needs live nodes does not work there.
        The lab is put aside; `replay` alone goes back to it.
        """,
      example: "replay transcripts/fullsync-diskless.pcap 'port 7000'", offers: [.files, .nothing],
      run: { try $0.replay($1) })
  ]

  /// Whether it needs nothing that only a lab has: live nodes, their decisions, another future.
  var worksOnRecordings: Bool {
    switch family {
    case .nodes, .faults: false
    default:
      !["branch", "branches", "seed"].contains(name)
    }
  }
}

extension Complaint {
  /// What was asked for is not in a recording.
  static func recording(_ what: String) -> Complaint {
    .usage(
      "this is a recording: there are no live nodes for `\(what)`",
      advice:
        "What happened in it has happened; `step`, `back`, `x` and `info offsets` look at it. `replab` opens a lab.")
  }

  static func recording(_ verb: Verb) -> Complaint { .recording(verb.name) }
}

extension Session {
  fileprivate mutating func replay(_ arguments: Arguments) throws {
    guard let path = arguments[0] else {
      guard let lab else {
        throw Complaint.usage(
          "replay needs a file", advice: "Usage: \(arguments.verb.synopsis), as in: \(arguments.verb.example)")
      }
      timeline = lab
      self.lab = nil
      return answer(
        ["back in the lab, at moment \(timeline.position)"], json: .object([("moment", .number(timeline.position))]))
    }
    let filter = arguments.words.dropFirst().map(\.text).joined(separator: " ")
    try open(RecordingFile.open(path, filter: filter.isEmpty ? nil : filter))
  }

  /// Goes to the beginning of a recording; a lab in which something has happened is put aside.
  mutating func open(_ recording: PacketSource) throws(Complaint) {
    try recording.requirePackets()
    let opened = Timeline(recording)
    if timeline.recording == nil { lab = timeline }
    timeline = opened
    let names = timeline.world.names
    let who = names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
    answer(
      ["at the beginning of \(recording.name)\(who)"],
      json: .object([("recording", .string(recording.name)), ("nodes", .array(names.map { .string($0) }))]))
  }
}

extension PacketSource {
  /// What of the recording is not shown, as far as it has been read; nil if all of it is.
  var passedOver: String? {
    let count = otherCount
    return count > 0
      ? "\(counted(count, "frame")) without a TCP segment \(count == 1 ? "was" : "were") passed over" : nil
  }

  /// Says on standard error what was not shown of a recording that was read to its end.
  func tellPassedOver() {
    if let passedOver { Output.standardError.write("replab: \(name): \(passedOver)\n") }
  }

  /// Complains of a recording in which there is nothing to see.
  func requirePackets() throws(Complaint) {
    do throws(LabError) {
      if try hasPackets() { return }
    } catch {
      throw .input("\(name): \(error.what)", advice: Complaint.sentence(error.advice))
    }
    throw filter.map { .input("\(name): no packet passes the filter ‘\($0)’") }
      ?? .input(
        "\(name): there is no TCP segment in it\(otherCount > 0 ? ", only \(counted(otherCount, "other frame"))" : "")")
  }
}
