# The topic that metrics are published to, and the dead-letter topic for messages that cannot be stored, with a pull
# subscription of its own: without one, Pub/Sub would drop what is sent there.

resource "google_pubsub_topic" "metrics" {
  project = var.project_id
  name    = var.topic

  # Lets a subscription that is made later, or put back in time, read again what was published before.
  message_retention_duration = "${var.retention_seconds}s"
}

resource "google_pubsub_topic" "dead_letters" {
  project = var.project_id
  name    = var.dead_letter_topic

  message_retention_duration = "${var.dead_letter_retention_seconds}s"
}

# Through this one a deployment tries a new processmetrics before it gets traffic.
resource "google_pubsub_topic" "candidate" {
  project = var.project_id
  name    = var.candidate_topic
}

resource "google_pubsub_subscription" "dead_letters" {
  project = var.project_id
  name    = var.dead_letter_topic
  topic   = google_pubsub_topic.dead_letters.id

  ack_deadline_seconds       = 60
  message_retention_duration = "${var.dead_letter_retention_seconds}s"

  # An empty period means that it never expires for want of readers.
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "metrics" {
  for_each = var.grants

  project = var.project_id
  topic   = google_pubsub_topic.metrics.name
  role    = each.value.role
  member  = each.value.member
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = var.dead_letter_grants

  project = var.project_id
  topic   = google_pubsub_topic.dead_letters.name
  role    = each.value.role
  member  = each.value.member
}

resource "google_pubsub_topic_iam_member" "candidate" {
  for_each = var.candidate_grants

  project = var.project_id
  topic   = google_pubsub_topic.candidate.name
  role    = each.value.role
  member  = each.value.member
}
