# One image for web, workers, chat workers and beat: the command says which (Procfile, infra/compute.yaml).
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

# Dependencies come as wheels; what would have to be compiled fails here and not in production.
FROM ${PYTHON_IMAGE} AS packages
COPY requirements.lock .
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock \
 && python -m compileall -q /opt/venv

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin aiprism
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/aiprism
COPY --from=packages /opt/venv /opt/venv
COPY app.py celery_config.py celery_tasks_enhanced.py gunicorn.conf.py ./
COPY core core
COPY templates templates
COPY static static
# Files keep the modes of the checkout, which may be its owner's alone.
RUN chmod -R a+rX . \
 && python -m compileall -q app.py celery_config.py celery_tasks_enhanced.py core
USER 10001:10001
# The only place that is written to; infra/compute.yaml mounts it and keeps everything else read only.
VOLUME ["/tmp"]
EXPOSE 8080
CMD ["gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
