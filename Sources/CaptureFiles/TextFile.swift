import Capture

/// Text as Capture reads it, fed block by block.
final class TextFile {
  private let source: ByteSource
  private let path: String
  private var reader: Reader
  /// What the frames begin with: text says so by its first one alone.
  private(set) var linkType = LinkType.ethernet
  private var filter: Filter?
  /// How many frames the filter left out.
  private(set) var filteredCount = 0
  private var isAtEnd = false
  /// The first record, or what was wrong with it, until it is asked for.
  private var first: Result<Record?, RecordingError>?

  private enum Reader {
    case tcpdump(TcpdumpReader)
    case arrows(ArrowsReader)
  }

  init(
    _ source: ByteSource, path: String, isArrows: Bool, filter: String?
  ) throws(RecordingError) {
    self.source = source
    self.path = path
    reader = isArrows ? .arrows(ArrowsReader()) : .tcpdump(TcpdumpReader())
    do throws(RecordingError) { first = .success(try read()) } catch { first = .failure(error) }
    if case .success(let record?) = first { linkType = record.frame.linkType }
    self.filter = try filter.map { expression throws(RecordingError) in
      try Filter(expression, linkType: linkType, path: path)
    }
  }

  /// The next record that the filter lets pass, or nil at the end.
  func next() throws(RecordingError) -> Record? {
    while true {
      guard let record = try nextOfText() else { return nil }
      guard let filter, !filter.matches(record.frame) else { return record }
      filteredCount += 1
    }
  }

  private func nextOfText() throws(RecordingError) -> Record? {
    guard let first else { return try read() }
    self.first = nil
    return try first.get()
  }

  private func read() throws(RecordingError) -> Record? {
    while true {
      do throws(TextError) {
        if let record = try nextOfReader() { return record }
      } catch {
        throw RecordingError(.input, path: path, "\(error.reason)", at: .line(error.line))
      }
      guard !isAtEnd else {
        if let failure = source.failure {
          throw RecordingError(.input, path: path, failure, at: .byte(source.position))
        }
        return nil
      }
      feed()
    }
  }

  private func nextOfReader() throws(TextError) -> Record? {
    switch reader {
    case .tcpdump(var text):
      // The reader is taken out of the case, lest the buffer be copied.
      reader = .arrows(ArrowsReader())
      defer { reader = .tcpdump(text) }
      return try text.next()
    case .arrows(var text):
      defer { reader = .arrows(text) }
      return try text.next()
    }
  }

  private func feed() {
    let block = source.peek(1)
    isAtEnd = block.isEmpty
    source.skip(to: block.endIndex)
    switch reader {
    case .tcpdump(var text):
      reader = .arrows(ArrowsReader())
      if isAtEnd { text.finish() } else { text.feed(block) }
      reader = .tcpdump(text)
    case .arrows(var text):
      if isAtEnd { text.finish() } else { text.feed(block) }
      reader = .arrows(text)
    }
  }
}
