package io.pgmatch.embedded;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A process that runs a bundled server until somebody ends it: {@code [DIRECTORY]}. */
final class BundledPostgresProcess {
    private BundledPostgresProcess() {}

    public static void main(String[] arguments) throws Exception {
        BundledPostgresOptions options = arguments.length == 0
                ? BundledPostgresOptions.throwaway()
                : BundledPostgresOptions.kept(Path.of(arguments[0]));
        BundledPostgres postgres = BundledPostgres.start(options);
        System.out.println(postgres.url());
        System.out.println(postgres.dataDirectory());
        System.out.flush();
        // Nobody counts it down: this waits for a signal.
        new CountDownLatch(1).await(5, TimeUnit.MINUTES);
    }
}
