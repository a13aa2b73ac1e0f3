output "topic" {
  description = "Full id of the topic."
  value       = google_pubsub_topic.metrics.id
}

output "topic_name" {
  description = "Name of the topic."
  value       = google_pubsub_topic.metrics.name
}

output "dead_letter_topic" {
  description = "Full id of the dead-letter topic."
  value       = google_pubsub_topic.dead_letters.id
}

output "dead_letter_topic_name" {
  description = "Name of the dead-letter topic."
  value       = google_pubsub_topic.dead_letters.name
}

output "dead_letter_subscription" {
  description = "Pull subscription in which dead letters wait."
  value       = google_pubsub_subscription.dead_letters.name
}
