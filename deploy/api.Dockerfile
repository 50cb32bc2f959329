# The page and the API, without torch. From the root of the repository:
#     docker build --file deploy/api.Dockerfile --tag text2art-api .

FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE storage.lifecycle.json ./
COPY frontend frontend
COPY api api
COPY jobs jobs
COPY text2art text2art
COPY worker worker
RUN python -m venv /opt/text2art \
    && /opt/text2art/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home text2art \
    && install --directory --owner text2art --mode 0700 /var/lib/text2art
COPY --from=build /opt/text2art /opt/text2art
# Without a Firebase project, orders and files are kept in text2art-data below here: mount a volume.
WORKDIR /var/lib/text2art
USER 10001
# Cloud Run sets PORT to what it was deployed with.
ENV PATH=/opt/text2art/bin:$PATH PYTHONUNBUFFERED=1 PORT=8080
EXPOSE 8080
HEALTHCHECK --start-period=20s --interval=30s --timeout=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=5)"]
CMD ["sh", "-c", "exec text2art api --host 0.0.0.0 --port \"$PORT\""]
