"""OTLP metrics, OpenTelemetry's own format: protobuf and JSON."""
