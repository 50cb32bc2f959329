# A worker for an NVIDIA GPU (it paints on the CPU where there is none). From the root of the repository:
#     docker build --file deploy/worker.Dockerfile --tag text2art-worker .
# torch's own wheels carry CUDA, so that a CUDA image below would only be a second copy; the host gives the driver.

FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE storage.lifecycle.json ./
COPY frontend frontend
COPY api api
COPY clipit clipit
COPY jobs jobs
COPY text2art text2art
COPY worker worker
RUN python -m venv /opt/text2art \
    && /opt/text2art/bin/pip install --no-cache-dir --constraint constraints.txt '.[worker]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home text2art \
    && install --directory --owner text2art --mode 0700 /var/lib/text2art
COPY --from=build /opt/text2art /opt/text2art
# Without a Firebase project, orders and files are kept in text2art-data below here: mount a volume.
WORKDIR /var/lib/text2art
USER 10001
ENV PATH=/opt/text2art/bin:$PATH PYTHONUNBUFFERED=1 HOME=/var/lib/text2art
# Asks NVIDIA's container runtime for the driver's libraries.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
# Gives the job back; `docker run --stop-timeout 60` leaves time for that, and for a letter on its way.
STOPSIGNAL SIGTERM
CMD ["text2art", "worker"]
