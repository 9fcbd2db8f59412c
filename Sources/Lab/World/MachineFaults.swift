import Capture
import Redis

// What may be wrong with a machine besides its disk: its clock, and the address that others see.

/// How a machine behind a NAT looks from outside.
package struct OutsideAddress: Sendable, Hashable {
  /// Where its connections come from.
  package var host: String
  /// The port of that which leads to the one on which the node listens; nil: nobody gets in.
  package var port: Int?

  package init(host: String, port: Int?) { (self.host, self.port) = (host, port) }

  /// As `nat` takes it.
  package var text: String { port.map { "\(host):\($0)" } ?? host }
}

extension World {
  // MARK: The clock

  /// `skew`: the machine's clock is set, so that it shows so much more than the others do.
  mutating func setSkew(_ name: String, _ skew: Interval, _ step: inout Step) throws(LabError) {
    let machine = try requireMachine(name)
    guard skew > .seconds(-Self.mostSkew), skew < .seconds(Self.mostSkew) else {
      throw LabError("a clock can't be off by more than \(Self.mostSkew / 86_400) days here")
    }
    guard machines[machine].skew != skew else {
      throw LabError(skew == .zero ? "\(name)'s clock is right already" : "\(name)'s clock is off by that already")
    }
    let shift = skew - machines[machine].skew
    machines[machine].skew = skew
    if machines[machine].life.isAlive { handle(.clockSet(by: shift), machine, &step) }
  }

  private static let mostSkew: Int64 = 86_400 * 1_000

  // MARK: The address

  /// `nat`: connections that there are stay as they are.
  mutating func setOutside(_ name: String, _ outside: OutsideAddress?) throws(LabError) {
    let machine = try requireMachine(name)
    guard machines[machine].outside != outside else {
      throw LabError(outside == nil ? "\(name) is behind no NAT" : "\(name) has that address already")
    }
    if let outside {
      guard let address = IPv4Address(outside.host), address.rawValue >> 24 != 127 else {
        throw LabError("'\(outside.host)' can't be the address of a NAT", advice: "one looks like 10.0.0.5")
      }
      guard outside.port.map({ (1...65_535).contains($0) }) ?? true else {
        throw LabError("a port is between 1 and 65535")
      }
      if let port = outside.port,
        let other = machines.first(where: {
          $0.name != name && $0.outside == OutsideAddress(host: outside.host, port: port)
        })
      {
        throw LabError("port \(port) of \(outside.host) leads to \(other.name) already")
      }
    }
    machines[machine].outside = outside
    tellHosts()
  }

  /// All processes know which hosts there are.
  mutating func tellHosts() {
    let hosts = hosts
    for machine in machines.indices { machines[machine].node?.hosts = hosts }
  }

  /// The names and addresses that lead somewhere.
  var hosts: Redis.HostNames {
    Redis.HostNames(names + machines.indices.compactMap { machines[inPlace: $0].outside?.host })
  }

  /// The machine at which one gets in by an address, whoever listens there.
  ///
  /// - Parameter origin: the machine from which one comes: at home there is no NAT between.
  func machine(at address: Address, from origin: Int? = nil) -> Int? {
    // By their places: an element of the array itself would be a copy of the machine.
    if machines.indices.contains(where: { machines[inPlace: $0].outside?.host == address.host }) {
      let outside = OutsideAddress(host: address.host, port: address.port)
      return machines.indices.first { machines[inPlace: $0].outside == outside }
    }
    let place =
      listeners[address.port] ?? machines.indices.first { machines[inPlace: $0].address.port == address.port }
    guard let place else { return nil }
    return origin != nil && origin != place && machines[inPlace: place].outside != nil ? nil : place
  }

  /// A NAT is between an address and who comes from elsewhere.
  func isBehindNAT(_ address: Address) -> Bool {
    machines.indices.contains {
      machines[inPlace: $0].outside != nil
        && (machines[inPlace: $0].outside?.host == address.host || machines[inPlace: $0].address.port == address.port)
    }
  }

  /// The name of the node at an address, as others know it.
  package func node(at address: Address) -> String? { machine(at: address).map { machines[$0].name } }
}
