import Capture

/// Why a recording can't be opened, or be read on: what is wrong, and where.
package struct RecordingError: Error, Hashable, Sendable {
  /// Decides the exit status.
  package enum Kind: Hashable, Sendable {
    /// A filter that is none: status 2.
    case filter
    /// A file that can't be read, or whose bytes are malformed: status 3.
    case input
    /// A file of no format that is known: status 3.
    case format
    /// The right to capture is missing: status 3, too.
    case rights
  }

  package var kind: Kind
  /// As given: "-" is standard input.
  package var path: String
  /// The line, or the byte's offset, if there is one.
  package var place: Record.Place?
  package var what: String
  /// What to do about it; a sentence of its own.
  package var advice: String?

  package init(_ kind: Kind, path: String, _ what: String, at place: Record.Place? = nil, advice: String? = nil) {
    self.kind = kind
    self.path = path
    self.what = what
    self.place = place
    self.advice = advice
  }
}

extension RecordingError: CustomStringConvertible {
  /// `file.pcap: byte 24: the record lacks its last 3 bytes`.
  package var description: String {
    if kind == .filter { return "the filter: \(what)" }
    let name = path == "-" ? "standard input" : path
    switch place {
    case nil: return "\(name): \(what)"
    case .byte(let offset): return "\(name): byte \(offset): \(what)"
    case .line(let line): return "\(name):\(line): \(what)"
    }
  }
}
