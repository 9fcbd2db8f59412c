import Redis
import Testing

@testable import Lab

@Test("A world starts at the notes' time, with nothing in it")
func emptyWorld() {
  let world = World(seed: 1)
  #expect(world.now == .notes)
  #expect(world.pending.isEmpty)
}
