/// What else is left out of a comparison, as both sides are what they are.
package struct Tolerance: Sendable {
  /// What port of the one side stands for a port of the other; nil: any port does.
  package var port: (@Sendable (Int) -> Int)?
  /// Offsets are compared.
  package var comparesOffsets: Bool
  /// They are counted from where their history begins in the recording; else they have to be the very same.
  package var countsFromStart = true
  /// What a snapshot says about the server that wrote it is compared.
  package var comparesServers: Bool

  /// Two recordings: what one says of itself, the other has to say, too.
  package static let recordings = Tolerance(port: nil, comparesOffsets: true, comparesServers: true)

  /// A recording, and a node that stands in it in the place of another.
  static let rebuilt: Tolerance = {
    var tolerance = Tolerance.recordings
    tolerance.countsFromStart = false
    return tolerance
  }()

  /// A lab and real servers of any version, which were not heard all the time.
  package static func servers(port: @escaping @Sendable (Int) -> Int) -> Tolerance {
    Tolerance(port: port, comparesOffsets: false, comparesServers: false)
  }
}
