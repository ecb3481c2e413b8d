# syntax=docker/dockerfile:1
# One image for every part: `saring web`, `saring worker`, `saring beat`, `saring db upgrade`.
# By itself it runs the embedded default: docker run -p 8080:8080 -v saring:/var/lib/saring saring:local

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/saring
ENV PATH=/opt/saring/bin:$PATH
WORKDIR /src
# Dependencies first: they change less often than our code. Wheels only, so that nothing is ever compiled.
COPY requirements/run.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --only-binary :all: --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE NOTICE worker.py ./
COPY classifier classifier
COPY service service
# The build backend is among the hashed dependencies; --no-index makes sure that nothing else is fetched.
RUN pip install --no-deps --no-build-isolation --no-index .

FROM python:3.13-slim
RUN groupadd --system --gid 10001 saring \
    && useradd --system --uid 10001 --gid saring --no-create-home --home-dir /var/lib/saring --shell /usr/sbin/nologin saring \
    && install --directory --owner saring --group saring --mode 700 /var/lib/saring
COPY --from=build /opt/saring /opt/saring
ENV PATH=/opt/saring/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SARING_DATA_DIR=/var/lib/saring \
    SARING_HOST=0.0.0.0
# By number, so that an orchestrator can see that it isn't root.
USER 10001:10001
WORKDIR /var/lib/saring
EXPOSE 8080
# Health is asked for by docker-compose.yml, since each part has its own question.
ENTRYPOINT ["saring"]
CMD ["up"]
