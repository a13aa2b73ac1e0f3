# Topics, who may publish to them, and a pull subscription where messages wait for people to look at them.

resource "google_pubsub_topic" "this" {
  for_each = var.topics

  project = var.project_id
  name    = each.key

  # Lets a subscription that is made later, or put back in time, read again what was published before.
  message_retention_duration = local.retention[each.key]
}

# Without a subscription Pub/Sub would drop what is sent to the topic.
resource "google_pubsub_subscription" "pull" {
  for_each = { for name, topic in var.topics : name => topic if topic.pull_subscription }

  project = var.project_id
  name    = each.key
  topic   = google_pubsub_topic.this[each.key].id

  ack_deadline_seconds       = 60
  message_retention_duration = local.retention[each.key]

  # An empty period means that it never expires for want of readers.
  expiration_policy {
    ttl = ""
  }
}

locals {
  retention = { for name, topic in var.topics : name => topic.retention_seconds == null ? null : "${topic.retention_seconds}s" }

  grants = merge([
    for name, topic in var.topics : {
      for grantee, grant in topic.grants : "${name} ${grantee}" => merge(grant, { topic = name })
    }
  ]...)
}

resource "google_pubsub_topic_iam_member" "this" {
  for_each = local.grants

  project = var.project_id
  topic   = google_pubsub_topic.this[each.value.topic].name
  role    = each.value.role
  member  = each.value.member
}
