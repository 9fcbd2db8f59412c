import Capture
import Restoration

/// The records of a transcript, one after another, with what its text does not show as far as that can be restored.
package struct RestoredRecords {
  private let recording: Recording
  private var restorer = TextRestorer()
  /// What the transcript's end was: records that wait for more come before it.
  private var end: Result<Void, RecordingError>?

  package init(_ recording: Recording) { self.recording = recording }

  /// The next record, or nil at the end. What can be read before an error comes first.
  package mutating func next() throws(RecordingError) -> Record? {
    while true {
      if let record = restorer.next() { return record }
      if let end {
        try end.get()
        return nil
      }
      do throws(RecordingError) {
        if let record = try recording.next() { restorer.feed(record) } else { end = .success(()) }
      } catch {
        end = .failure(error)
      }
      if end != nil { restorer.finish() }
    }
  }
}
