package io.pgmatch.bench;

/** Hears how far a scenario is. Used by one thread. */
public interface Progress {
    /** Nobody listens. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String stage, long steps) {}

        @Override
        public void at(long done) {}

        @Override
        public void end() {}
    };

    /** A stage begins; it ends the one before. */
    void begin(String stage, long steps);

    /** So many steps of it are done. */
    void at(long done);

    /** The last stage has ended. */
    void end();
}
