import Glibc
import Synchronization

/// The ports that are given out: below those that the kernel gives to connections (from 32768 on), which would take one
/// before its server is up, or while it is down.
private let ports = 16_384..<32_768
/// How many have been asked for. Each process begins elsewhere.
private let asked = Atomic<Int>(Int(getpid()) &* 331)

/// A port on which nobody listens, and which this process gives to nobody else for a long time.
package func freePort() throws -> Int {
  for _ in ports {
    let port = ports.lowerBound + asked.wrappingAdd(1, ordering: .relaxed).oldValue % ports.count
    if (try? Listener(port: port)) != nil { return port }
  }
  throw RealServerError("no port of loopback is free")
}
