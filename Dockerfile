# The image of web, worker, beat and the migrate step; only their commands differ.
ARG BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /build
COPY . .
# Packages come from the locks, by hash; the wheel carries templates, migrations and browser files.
RUN python -m tools.wheel /wheels \
    && python -m venv /opt/spbe-tasks \
    && /opt/spbe-tasks/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/runtime.txt \
    && /opt/spbe-tasks/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM ${BASE_IMAGE}
RUN useradd --system --uid 10001 --home-dir /var/lib/spbe-tasks --create-home spbe
COPY --from=build /opt/spbe-tasks /opt/spbe-tasks
ENV PATH=/opt/spbe-tasks/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STORAGE_DIR=/var/lib/spbe-tasks/storage
RUN install --directory --owner spbe /var/lib/spbe-tasks/storage
USER 10001
WORKDIR /var/lib/spbe-tasks
VOLUME /var/lib/spbe-tasks/storage
EXPOSE 8000
CMD ["gunicorn", "--config", "python:spbe_tasks.gunicorn_conf", "--bind", "0.0.0.0:8000", "spbe_tasks:create_app()"]
