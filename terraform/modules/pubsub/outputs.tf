output "topic" {
  description = "Full id of the topic."
  value       = google_pubsub_topic.metrics.id
}

output "topic_name" {
  description = "Name of the topic."
  value       = google_pubsub_topic.metrics.name
}

output "candidate_topic" {
  description = "Full id of the candidate's topic."
  value       = google_pubsub_topic.candidate.id
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

output "grants" {
  description = "Who may do what with each topic, as `role member`."
  value = {
    (google_pubsub_topic.metrics.name)      = [for grant in google_pubsub_topic_iam_member.metrics : "${grant.role} ${grant.member}"]
    (google_pubsub_topic.dead_letters.name) = [for grant in google_pubsub_topic_iam_member.dead_letters : "${grant.role} ${grant.member}"]
    (google_pubsub_topic.candidate.name)    = [for grant in google_pubsub_topic_iam_member.candidate : "${grant.role} ${grant.member}"]
  }
}
