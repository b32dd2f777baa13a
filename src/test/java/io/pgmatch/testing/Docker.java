package io.pgmatch.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.testcontainers.DockerClientFactory;

/** For tests that need Docker: where there is none, they say so and what is tested instead. */
public final class Docker {
    private Docker() {}

    /**
     * Skips the test that calls it unless a Docker daemon answers.
     *
     * @param instead the tests that hold the same without Docker
     */
    public static void require(String instead) {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                () -> "skipped: no Docker daemon answers here; what holds the same without one: " + instead);
    }
}
