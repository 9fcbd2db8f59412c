import Redis
import Testing

@testable import Lab

/// A master that wants a password, and a replica that has none.
private func storm() throws -> Timeline {
  var timeline = try topology("--requirepass secret", keys: 0)
  _ = try timeline.until(try Expression("r.state = connecting"))
  return timeline
}

@Suite("In a storm of reconnections")
struct StormTests {
  @Test("continue, next and until stop, and say who connects, how often and why")
  func stops() throws {
    var timeline = try storm()
    guard case .storm(let storm) = timeline.resume().stop else { return #expect(Bool(false), "it did not stop") }
    #expect(storm.node == "r")
    #expect(storm.count == 10)
    #expect(storm.reason == "NOAUTH Authentication required.")
    #expect(storm.last - storm.began < .milliseconds(20))
    // Phase by phase it goes on as ever.
    #expect(timeline.next().stop == .done)
    guard case .storm = try timeline.until(try Expression("r.link = connected")).stop else {
      return #expect(Bool(false), "it did not stop")
    }
  }

  @Test("time passes in few steps, over 800 connections a second, and back is the same")
  func advances() throws {
    var timeline = try storm()
    let (links, from) = (timeline.world.lastLink, timeline.position)
    #expect(timeline.advance(by: .milliseconds(300)).stop == .done)
    #expect(timeline.world.lastLink - links > 240)
    #expect(timeline.position - from < 400)
    let (end, there) = (timeline.position, timeline.world)
    _ = timeline.back(3)
    try timeline.go(to: end)
    #expect(timeline.world == there)
  }

  @Test("the password ends it")
  func ends() throws {
    var timeline = try storm()
    _ = timeline.advance(by: .milliseconds(50))
    try timeline.apply(.command(node: "r", arguments: words("CONFIG SET masterauth secret")))
    #expect(try timeline.until(try Expression("r.link = connected")).stop == .done)
    #expect(timeline.resume().stop == .quiet)
  }

  @Test("Ctrl-C stops what lets time pass")
  func interrupts() throws {
    var timeline = try storm()
    var polled = 0
    let monitor = ProgressMonitor(shouldStop: {
      polled += 1
      return polled > 300
    })
    #expect(timeline.advance(by: .seconds(60), monitor).stop == .interrupted)
  }
}
