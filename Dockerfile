# pgmatch in an image: the matcher and every other command that works on a database elsewhere.
#
#   docker build -t pgmatch .
#   docker run --rm -e DATABASE_URL=postgresql://user@host:5432/database pgmatch status
#
# Options for Java go into PGMATCH_JAVA_OPTS, for example -e PGMATCH_JAVA_OPTS=-Xmx256m.

FROM eclipse-temurin:17-jdk AS build

# Not as root: the build starts the bundled PostgreSQL to generate code from the migrations. PostgreSQL
# refuses root; elsewhere a user namespace helps (unshare), which the build of an image may not make.
RUN useradd --uid 10001 --create-home build \
    && mkdir /build \
    && chown build /build
USER build
WORKDIR /build

COPY --chown=build mvnw pom.xml ./
COPY --chown=build .mvn .mvn
COPY --chown=build db db
COPY --chown=build src/codegen src/codegen
COPY --chown=build src/main src/main

# The binaries of the bundled PostgreSQL stay behind: the database is in a container of its own. So the
# commands demo and db, which run one, do not work in this image.
RUN ./mvnw -q -B -Dmaven.test.skip=true -Dspotless.check.skip package \
    && rm target/lib/embedded-postgres-binaries-*.jar

FROM eclipse-temurin:17-jre

RUN useradd --uid 10001 --create-home pgmatch
WORKDIR /opt/pgmatch
COPY pgmatch ./
COPY --from=build /build/target/pgmatch.jar target/
COPY --from=build /build/target/lib target/lib
RUN ln -s /opt/pgmatch/pgmatch /usr/local/bin/pgmatch

# By number, so that a platform which refuses root can see that it is none.
USER 10001:10001

# The launcher becomes the java process (exec), which is then process 1 and hears SIGTERM itself.
ENTRYPOINT ["/opt/pgmatch/pgmatch"]
CMD ["--help"]
